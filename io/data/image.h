#pragma once

#include "core/tensor/dataset.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace io {

/// 8-bit pixels, row by row, channels interleaved: 1 (gray) or 3 (RGB).
struct Image
{
    int width = 0;
    int height = 0;
    int channels = 3;
    std::vector<std::uint8_t> pixels;
    bool operator==(const Image&) const = default;
};

/// A picture larger than this is refused before memory is taken for it.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;
inline constexpr int kMostSide = 1 << 15; ///< pixels; past this a wished size is a mistake

/// RGB of a JPEG, PNG or BMP file, told apart by its first bytes. Alpha is dropped, 16 bits are reduced to 8,
/// gray is repeated, EXIF orientation is not applied, as Pillow's convert("RGB") does. Throws core::Error
/// naming the file.
[[nodiscard]] Image decodeImage(const std::filesystem::path& path);

/// libjpeg-turbo with the accurate integer DCT and fancy upsampling. `name` is for messages.
[[nodiscard]] Image decodeJpeg(std::string_view bytes, std::string_view name);
[[nodiscard]] Image decodePng(std::string_view bytes, std::string_view name);
/// Uncompressed BMP of 8 (palette), 24 or 32 bits.
[[nodiscard]] Image decodeBmp(std::string_view bytes, std::string_view name);

/// Throws core::Error unless a file's declared size is positive and within kMostPixels.
void checkImageSize(std::int64_t width, std::int64_t height, std::string_view name);

/// .jpg, .jpeg, .png, .bmp in any case.
[[nodiscard]] bool hasImageExtension(const std::filesystem::path& path);

/// At most 128 pixels on the longer side, aspect kept, never enlarged.
[[nodiscard]] core::Picture thumbnail(const Image& image);

} // namespace io
