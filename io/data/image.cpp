#include "io/data/image.h"

#include "core/base/error.h"
#include "io/data/resize.h"
#include "io/files/file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace io {

using core::Error;
using core::ErrorKind;

Image decodeImage(const std::filesystem::path& path)
{
    constexpr std::size_t kMostFileBytes = std::size_t{1} << 30;
    const std::string bytes = readFile(path, kMostFileBytes);
    const std::string name = path.string();
    if (bytes.starts_with("\xff\xd8")) {
        return decodeJpeg(bytes, name);
    }
    if (bytes.starts_with("\x89PNG")) {
        return decodePng(bytes, name);
    }
    if (bytes.starts_with("BM")) {
        return decodeBmp(bytes, name);
    }
    throw Error(ErrorKind::FileFormat, fmt::format("{}: not a JPEG, PNG or BMP image", name));
}

void checkImageSize(std::int64_t width, std::int64_t height, std::string_view name)
{
    if (width <= 0 || height <= 0) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: an image of {}x{} pixels", name, width, height));
    }
    if (width > kMostPixels / height) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("{}: an image of {}x{} pixels is larger than the {} allowed", name, width,
                                height, kMostPixels));
    }
}

bool hasImageExtension(const std::filesystem::path& path)
{
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::array<std::string_view, 4> kKnown{".jpg", ".jpeg", ".png", ".bmp"};
    return std::ranges::find(kKnown, extension) != kKnown.end();
}

core::Picture thumbnail(const Image& image)
{
    constexpr int kLongest = 128;
    const double scale = std::min(1.0, double{kLongest} / std::max(image.width, image.height));
    const int width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
    const int height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
    const Image small = resizeBilinear(image, {width, height});
    core::Picture picture{width, height, {}};
    if (small.channels == 3) {
        picture.rgb = small.pixels;
    } else {
        picture.rgb.reserve(small.pixels.size() * 3);
        for (const std::uint8_t gray : small.pixels) {
            picture.rgb.insert(picture.rgb.end(), 3, gray);
        }
    }
    return picture;
}

} // namespace io
