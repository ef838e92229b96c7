#include "core/tensor/tensor.h"
#include "io/data/array_file.h"
#include "io/data/image.h"
#include "io/data/wav_file.h"
#include "io/files/file.h"
#include "io/files/hdf5/image.h"
#include "io/reports/npy_writer.h"
#include "tests/fuzz_targets/fuzz_target.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <zip.h>
#include <zlib.h>

namespace fuzz_targets {

namespace {

core::Tensor numbers()
{
    std::vector<float> values;
    for (int i = 0; i < 90; ++i) {
        values.push_back(static_cast<float>(i) / 7.0f);
    }
    return core::makeTensor<float>({6, 3, 5}, std::span<const float>(values));
}

/// All of it, where that is modest; else its two ends.
void readArray(const std::unique_ptr<io::ArrayFile>& array)
{
    constexpr std::int64_t kModest = std::int64_t{1} << 22;
    const std::int64_t whole = core::elementCount(array->shape());
    if (whole <= kModest) {
        static_cast<void>(array->read(0, array->items()));
    } else if (whole / array->items() <= kModest) {
        static_cast<void>(array->read(0, 1));
        static_cast<void>(array->read(array->items() - 1, 1));
    }
}

std::string hdf5Bytes()
{
    io::Hdf5Writer writer;
    writer.tensor("/x", numbers());
    return std::move(writer).finish();
}

std::string zipBytes(bool isPacked)
{
    const std::string npy = io::tensorToNpy(numbers());
    const auto path = fileOf("", "seed.npz");
    std::filesystem::remove(path);
    int code = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, &code);
    zip_source_t* source = zip_source_buffer(archive, npy.data(), npy.size(), 0);
    const zip_int64_t index = zip_file_add(archive, "x.npy", source, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             isPacked ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    zip_close(archive);
    return io::readFile(path);
}

void put(std::string& bytes, std::uint32_t number, int count)
{
    for (int i = 0; i < count; ++i) {
        bytes += static_cast<char>(number >> (8 * i));
    }
}

std::string wavBytes()
{
    std::string data;
    for (std::uint32_t i = 0; i < 100; ++i) {
        put(data, i * 37 * 97 & 0xffff, 2);
    }
    std::string bytes = "RIFF";
    put(bytes, static_cast<std::uint32_t>(36 + data.size()), 4);
    bytes += "WAVEfmt ";
    put(bytes, 16, 4);
    put(bytes, 1, 2); // PCM
    put(bytes, 2, 2); // channels
    put(bytes, 16000, 4);
    put(bytes, 16000 * 4, 4);
    put(bytes, 4, 2);
    put(bytes, 16, 2);
    bytes += "data";
    put(bytes, static_cast<std::uint32_t>(data.size()), 4);
    return bytes + data;
}

std::string bmpBytes()
{
    constexpr std::uint32_t kWidth = 5;
    constexpr std::uint32_t kHeight = 3;
    std::string bytes = "BM";
    put(bytes, 54 + kHeight * 16, 4);
    put(bytes, 0, 4);
    put(bytes, 54, 4);
    put(bytes, 40, 4);
    put(bytes, kWidth, 4);
    put(bytes, kHeight, 4);
    put(bytes, 1, 2);
    put(bytes, 24, 2);
    for (int i = 0; i < 6; ++i) {
        put(bytes, 0, 4);
    }
    for (std::uint32_t i = 0; i < kHeight * 16; ++i) {
        bytes += static_cast<char>(i * 29);
    }
    return bytes;
}

void bigEndian(std::string& bytes, std::uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(number >> shift);
    }
}

std::string pngChunk(const std::string& kind, const std::string& data)
{
    const std::string sealed = kind + data;
    std::string bytes;
    bigEndian(bytes, static_cast<std::uint32_t>(data.size()));
    bytes += sealed;
    bigEndian(bytes,
              static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(sealed.data()),
                                                 static_cast<uInt>(sealed.size()))));
    return bytes;
}

std::vector<std::string> pngs()
{
    std::string rows;
    for (int y = 0; y < 12; ++y) {
        rows += '\0'; // no filter
        for (int x = 0; x < 48; ++x) {
            rows += static_cast<char>(x * 7 + y);
        }
    }
    std::string packed(rows.size() + 64, '\0');
    uLongf size = packed.size();
    ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
               static_cast<uLong>(rows.size()));
    packed.resize(size);
    std::string head;
    bigEndian(head, 16);
    bigEndian(head, 12);
    head += std::string("\x08\x02\0\0\0", 5);
    return {"\x89PNG\r\n\x1a\n" + pngChunk("IHDR", head) + pngChunk("IDAT", packed) + pngChunk("IEND", "")};
}

/// A picture of the shared data, where there is one.
std::vector<std::string> jpegs()
{
    const auto folder = support::sharedFile("data/imagenet_eval_300");
    std::vector<std::filesystem::path> files;
    if (folder) {
        for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
            if (io::hasImageExtension(entry.path()) && entry.file_size() < 30000) {
                files.push_back(entry.path());
            }
        }
    }
    std::ranges::sort(files);
    return files.empty() ? std::vector<std::string>{} : std::vector<std::string>{io::readFile(files.front())};
}

} // namespace

std::vector<FuzzTarget> dataTargets()
{
    return {
        {"npy",
         [](std::string_view b) { readArray(io::openNpy(fileOf(b, "a.npy"))); },
         {io::tensorToNpy(numbers())}},
        {"npz",
         [](std::string_view b) {
             const auto file = fileOf(b, "a.npz");
             for (const std::string& name : io::namesInNpz(file)) {
                 readArray(io::openNpz(file, name));
             }
         },
         {zipBytes(false), zipBytes(true)}},
        {"hdf5",
         [](std::string_view b) {
             const auto file = fileOf(b, "a.h5");
             for (const std::string& name : io::namesInHdf5(file)) {
                 readArray(io::openHdf5(file, name));
             }
         },
         {hdf5Bytes()}},
        {"wav",
         [](std::string_view b) {
             const io::WavFile sound(fileOf(b, "a.wav"));
             static_cast<void>(sound.read(0, std::min<std::int64_t>(sound.frames(), 1000)));
             static_cast<void>(sound.read(sound.frames() - 5, 10));
         },
         {wavBytes()}},
        {"png", [](std::string_view b) { static_cast<void>(io::decodePng(b, "a.png")); }, pngs()},
        {"bmp", [](std::string_view b) { static_cast<void>(io::decodeBmp(b, "a.bmp")); }, {bmpBytes()}},
        {"jpeg", [](std::string_view b) { static_cast<void>(io::decodeJpeg(b, "a.jpg")); }, jpegs()},
    };
}

} // namespace fuzz_targets
