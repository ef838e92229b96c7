#include "io/foreign/device_dump.h"

#include "core/base/error.h"
#include "io/data/array_file.h"
#include "io/files/file.h"
#include "io/files/input_files.h"
#include "io/files/json_object.h"
#include "io/files/random_access_file.h"
#include "io/files/text_format.h"
#include "io/onnx/onnx_tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <optional>

namespace io {

namespace {

namespace fs = std::filesystem;
using core::DataType;
using core::DeviceTensor;
using core::Error;
using core::ErrorKind;

constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30; // of a whole dump

constexpr std::array<std::pair<std::string_view, DataType>, 11> kTypes{{{"float32", DataType::Float32},
                                                                        {"float64", DataType::Float64},
                                                                        {"float16", DataType::Float16},
                                                                        {"bfloat16", DataType::BFloat16},
                                                                        {"int8", DataType::Int8},
                                                                        {"uint8", DataType::UInt8},
                                                                        {"int16", DataType::Int16},
                                                                        {"uint16", DataType::UInt16},
                                                                        {"int32", DataType::Int32},
                                                                        {"int64", DataType::Int64},
                                                                        {"uint32", DataType::UInt32}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kLayouts{
    {{"NCHW", "NCHW"},
     {"NHWC", "NHWC"},
     {"nChw8c", "nChw8c"},
     {"nChw16c", "nChw16c"},
     {"transposed", "transposed"}}};

core::Tensor wholeArray(const ArrayFile& array) { return array.read(0, array.items()); }

core::Tensor rawNumbers(const fs::path& path, DataType type, const std::optional<core::Shape>& shape,
                        const std::string& tensor)
{
    noteInput(path);
    const RandomAccessFile file(path);
    const std::uint64_t width = core::sizeOf(type);
    if (file.size() > kMostBytes || file.size() % width != 0) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("{}: tensor '{}': {} bytes are no whole count of {} (or more than 4 GiB)",
                                path.string(), tensor, file.size(), core::nameOf(type)));
    }
    const auto count = static_cast<std::int64_t>(file.size() / width);
    const core::Shape own = shape.value_or(core::Shape{count});
    if (core::elementCount(own) != count) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{}: tensor '{}': shape {} has {} numbers, the file {}", path.string(),
                                tensor, core::toString(own), core::elementCount(own), count));
    }
    core::TensorBuilder builder(type, own);
    file.read(0, {builder.data(), builder.byteCount()});
    return std::move(builder).finish();
}

core::Tensor protoTensor(const fs::path& path, std::string& name)
{
    noteInput(path);
    const std::string bytes = readFile(path, std::size_t{1} << 31);
    onnx::TensorProto proto;
    if (!proto.ParseFromString(bytes)) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: no ONNX TensorProto", path.string()));
    }
    name = proto.name().empty() ? path.stem().string() : proto.name();
    return tensorOfProto(proto, {});
}

class Dump
{
public:
    void add(DeviceTensor tensor)
    {
        m_bytes += tensor.tensor.byteCount();
        if (m_bytes > kMostBytes || m_tensors.size() >= 100000) {
            throw Error(ErrorKind::OutOfBudget,
                        fmt::format("{}: tensor '{}': the dump has more than 4 GiB or 100000 tensors",
                                    tensor.file, tensor.name));
        }
        m_tensors.push_back(std::move(tensor));
    }

    /// Every array of a file by its extension; others are passed over.
    void addFile(const fs::path& path, std::size_t sample)
    {
        const std::string extension = path.extension().string();
        const auto put = [&](const std::string& name, core::Tensor tensor, bool hasShape = true) {
            DeviceTensor made{name, path.string(), std::move(tensor), hasShape};
            made.sample = sample;
            add(std::move(made));
        };
        if (extension == ".npy") {
            put(path.stem().string(), wholeArray(*openNpy(path)));
        } else if (extension == ".npz") {
            for (const std::string& name : namesInNpz(path)) {
                put(name, wholeArray(*openNpz(path, name)));
            }
        } else if (extension == ".h5" || extension == ".hdf5") {
            for (const std::string& name : namesInHdf5(path)) {
                put(name, wholeArray(*openHdf5(path, name)));
            }
        } else if (extension == ".raw" || extension == ".bin") {
            put(path.stem().string(), rawNumbers(path, DataType::Float32, {}, path.stem().string()), false);
        } else if (extension == ".pb") {
            std::string name;
            core::Tensor tensor = protoTensor(path, name);
            put(name, std::move(tensor));
        }
    }

    void addEntry(const JsonObject& entry, const fs::path& folder)
    {
        entry.allowKeys(
            {"name", "file", "array", "shape", "type", "layout", "scale", "zero_point", "sample"});
        DeviceTensor made;
        made.name = entry.text("name");
        const fs::path relative = entry.text("file");
        if (relative.is_absolute() || std::ranges::find(relative, fs::path("..")) != relative.end()) {
            entry.fail(fmt::format("\"file\" of '{}' must lie in the folder of index.json", made.name));
        }
        const fs::path path = folder / relative;
        made.file = path.string();
        const std::string extension = path.extension().string();
        const std::string array = entry.textOr("array", made.name);
        if (extension == ".npy") {
            made.tensor = wholeArray(*openNpy(path));
        } else if (extension == ".npz") {
            made.tensor = wholeArray(*openNpz(path, array));
        } else if (extension == ".h5" || extension == ".hdf5") {
            made.tensor = wholeArray(*openHdf5(path, array));
        } else {
            std::optional<core::Shape> shape;
            if (entry.has("shape")) {
                shape = entry.integers("shape", 1);
            }
            made.hasShape = shape.has_value();
            made.tensor = rawNumbers(
                path, entry.has("type") ? entry.choice("type", kTypes) : DataType::Float32, shape, made.name);
        }
        if (entry.has("layout")) {
            made.layout = entry.choice("layout", kLayouts);
        }
        if (entry.has("scale")) {
            made.scale = entry.number("scale");
            if (!std::isfinite(*made.scale) || *made.scale <= 0.0) {
                entry.fail(fmt::format("\"scale\" of '{}' must be positive", made.name));
            }
        }
        made.zeroPoint = static_cast<std::int32_t>(
            std::clamp<std::int64_t>(entry.integerOr("zero_point", -65536, 0), -65536, 65536));
        made.sample = static_cast<std::size_t>(entry.integerOr("sample", 0, 0));
        add(std::move(made));
    }

    [[nodiscard]] std::vector<DeviceTensor> finish(const fs::path& path) &&
    {
        if (m_tensors.empty()) {
            throw Error(
                ErrorKind::FileFormat,
                fmt::format("{}: no tensors: needs index.json, Result_0, or .npy, .npz, .h5, .pb, .raw",
                            path.string()));
        }
        return std::move(m_tensors);
    }

private:
    std::vector<DeviceTensor> m_tensors;
    std::uint64_t m_bytes = 0;
};

std::vector<fs::path> filesIn(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->is_regular_file()) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        throw Error(ErrorKind::Io,
                    fmt::format("cannot read folder {}: {}", folder.string(), error.message()));
    }
    std::ranges::sort(files);
    return files;
}

} // namespace

std::vector<core::DeviceTensor> readDeviceDump(const fs::path& path)
{
    Dump dump;
    if (!fs::exists(path)) {
        throw Error(ErrorKind::Io, fmt::format("{}: no such file or folder", path.string()));
    }
    if (!fs::is_directory(path)) {
        dump.addFile(path, 0);
        return std::move(dump).finish(path);
    }
    if (const fs::path index = path / "index.json"; fs::exists(index)) {
        noteInput(index);
        const ReadJson json = parseJson(readFile(index, std::size_t{64} << 20), index.string());
        const JsonObject all(json, index.string());
        all.allowKeys({"format", "tensors"});
        if (all.text("format") != "noisefloor-tensors/1") {
            all.fail("\"format\" must be noisefloor-tensors/1");
        }
        if (!all.at("tensors").is_array()) {
            all.fail("\"tensors\" must be an array");
        }
        std::size_t number = 0;
        for (const ReadJson& entry : all.at("tensors")) {
            dump.addEntry(JsonObject(entry, fmt::format("{}: tensors[{}]", index.string(), number++)), path);
        }
        return std::move(dump).finish(path);
    }
    if (fs::is_directory(path / "Result_0")) {
        for (std::size_t i = 0; fs::is_directory(path / fmt::format("Result_{}", i)); ++i) {
            for (const fs::path& file : filesIn(path / fmt::format("Result_{}", i))) {
                dump.addFile(file, i);
            }
        }
        return std::move(dump).finish(path);
    }
    for (const fs::path& file : filesIn(path)) {
        dump.addFile(file, 0);
    }
    return std::move(dump).finish(path);
}

} // namespace io
