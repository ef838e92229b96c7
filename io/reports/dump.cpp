#include "io/reports/dump.h"

#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/hdf5/image.h"
#include "io/reports/matrix_market.h"
#include "io/reports/npy_writer.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

std::string plainName(std::string name)
{
    std::ranges::replace_if(
        name, [](char c) { return c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < 32; },
        '_');
    return name.empty() || name.front() == '.' ? "_" + name : name;
}

struct NamedTensor
{
    std::string name;
    core::Tensor tensor;
};

/// The tensor, and scale and zero point beside codes.
std::vector<NamedTensor> parts(const DumpedTensor& dumped)
{
    std::vector<NamedTensor> all{{dumped.role, core::toLayout(dumped.tensor, core::Layout::RowMajor)}};
    if (!dumped.scale.empty()) {
        const core::Shape shape{static_cast<std::int64_t>(dumped.scale.size())};
        all.push_back({dumped.role + "_scale", core::makeTensor<float>(shape, dumped.scale)});
        all.push_back({dumped.role + "_zero_point", core::makeTensor<std::int32_t>(shape, dumped.zeroPoint)});
    }
    return all;
}

void writeHdf5(const std::vector<DumpedTensor>& tensors, const std::filesystem::path& path)
{
    Hdf5Writer file;
    std::string group;
    for (const DumpedTensor& dumped : tensors) {
        const std::string own = "/" + plainName(dumped.op);
        if (own != group) {
            group = own;
            file.group(group);
            file.attribute(group, "operator", dumped.op);
        }
        for (const NamedTensor& part : parts(dumped)) {
            file.tensor(group + "/" + part.name, part.tensor);
        }
    }
    writeFileAtomically(path, std::move(file).finish());
}

} // namespace

void writeDump(const std::vector<DumpedTensor>& tensors, DumpFormat format, const std::filesystem::path& path)
{
    if (format == DumpFormat::Hdf5) {
        writeHdf5(tensors, path);
        return;
    }
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw core::Error(core::ErrorKind::Io,
                          fmt::format("cannot make folder {}: {}", path.string(), error.message()));
    }
    for (const DumpedTensor& dumped : tensors) {
        for (const NamedTensor& part : parts(dumped)) {
            const std::string stem = plainName(dumped.op) + "." + part.name;
            if (format == DumpFormat::Npy) {
                writeFileAtomically(path / (stem + ".npy"), tensorToNpy(part.tensor));
            } else {
                writeFileAtomically(path / (stem + ".mtx"), tensorToMatrixMarket(part.tensor, stem));
            }
        }
    }
}

} // namespace io
