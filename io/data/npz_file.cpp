#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/npy_header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

struct CloseZip
{
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, CloseZip>;
using Member = std::unique_ptr<zip_file_t, CloseZip>;

// A packed member may claim any size; past this it is not unpacked.
constexpr std::uint64_t kMostUnpackedBytes = std::uint64_t{1} << 36;

Archive openArchive(const std::filesystem::path& path)
{
    const RandomAccessFile readable(path); // a missing file is told in the words of every other missing file
    int code = 0;
    Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string why = zip_error_strerror(&error);
        zip_error_fini(&error);
        throw Error(ErrorKind::FileFormat,
                    fmt::format("{}: not a whole .npz archive: {}", path.string(), why));
    }
    return archive;
}

std::vector<std::string> arraysOf(zip_t* archive)
{
    std::vector<std::string> names;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
        const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
        if (name && std::string_view(name).ends_with(".npy")) {
            names.emplace_back(name, std::string_view(name).size() - 4);
        }
    }
    return names;
}

} // namespace

std::vector<std::string> namesInNpz(const std::filesystem::path& path)
{
    return arraysOf(openArchive(path).get());
}

std::unique_ptr<ArrayFile> openNpz(const std::filesystem::path& path, const std::string& array)
{
    const Archive archive = openArchive(path);
    const std::vector<std::string> names = arraysOf(archive.get());
    if (std::ranges::find(names, array) == names.end()) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no array '{}'{}; it has {}", path.string(), array,
                                core::nearMisses(array, names), fmt::join(names, ", ")));
    }
    RandomAccessFile unpacked = RandomAccessFile::temporary(fmt::format("{}[{}]", path.string(), array));
    const auto damaged = [&](const char* why) {
        return Error(ErrorKind::FileFormat, fmt::format("{}: damaged archive: {}", unpacked.name(), why));
    };
    const Member member(zip_fopen(archive.get(), (array + ".npy").c_str(), 0));
    if (!member) {
        throw damaged(zip_strerror(archive.get()));
    }
    std::vector<std::byte> block(std::size_t{1} << 20);
    for (;;) {
        const zip_int64_t count = zip_fread(member.get(), block.data(), block.size());
        if (count < 0) {
            throw damaged(zip_file_strerror(member.get())); // also a wrong checksum
        }
        if (count == 0) {
            break;
        }
        unpacked.append({block.data(), static_cast<std::size_t>(count)});
        if (unpacked.size() > kMostUnpackedBytes) {
            throw Error(
                ErrorKind::OutOfBudget,
                fmt::format("{}: unpacks to more than {} bytes", unpacked.name(), kMostUnpackedBytes));
        }
    }
    return openNpy(std::move(unpacked));
}

} // namespace io
