#include "io/data/image.h"

#include "core/base/error.h"

#include <cstdlib>
#include <fmt/format.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// Little-endian numbers at fixed places of the headers.
class BmpBytes
{
public:
    BmpBytes(std::string_view bytes, std::string_view name)
        : m_bytes(bytes)
        , m_name(name)
    {
    }
    [[nodiscard]] std::uint8_t byte(std::size_t at) const
    {
        if (at >= m_bytes.size()) {
            throw Error(ErrorKind::FileFormat, fmt::format("{}: damaged BMP: the file ends early", m_name));
        }
        return static_cast<std::uint8_t>(m_bytes[at]);
    }
    [[nodiscard]] std::uint32_t word(std::size_t at, std::size_t size = 4) const
    {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value |= std::uint32_t{byte(at + i)} << (8 * i);
        }
        return value;
    }

private:
    std::string_view m_bytes;
    std::string_view m_name;
};

// Offsets in the file: 14 bytes of file header, then BITMAPINFOHEADER or a longer one that begins with it.
constexpr std::size_t kPixelsAt = 10;
constexpr std::size_t kHeaderAt = 14;
constexpr std::size_t kWidthAt = 18;
constexpr std::size_t kHeightAt = 22;
constexpr std::size_t kBitsAt = 28;
constexpr std::size_t kCompressionAt = 30;
constexpr std::uint32_t kUncompressed = 0;
constexpr std::uint32_t kBitFields = 3;

} // namespace

Image decodeBmp(std::string_view bytes, std::string_view name)
{
    const BmpBytes file(bytes, name);
    const std::uint32_t headerSize = file.word(kHeaderAt);
    const std::uint32_t bits = file.word(kBitsAt, 2);
    const std::uint32_t compression = file.word(kCompressionAt);
    // 32-bit bit fields are written by many tools with the masks of plain BGRX, which is what is read here.
    const bool known = headerSize >= 40
        && ((compression == kUncompressed && (bits == 8 || bits == 24 || bits == 32))
            || (compression == kBitFields && bits == 32 && file.word(kHeaderAt + 40) == 0x00ff0000u));
    if (!known) {
        throw Error(
            ErrorKind::FileFormat,
            fmt::format("{}: a BMP of {} bits with compression {}; 8, 24 or 32 bits uncompressed are read",
                        name, bits, compression));
    }
    const auto width = static_cast<std::int32_t>(file.word(kWidthAt));
    const std::int64_t signedHeight = static_cast<std::int32_t>(file.word(kHeightAt));
    const bool topDown = signedHeight < 0;
    const std::int64_t height = std::abs(signedHeight);
    checkImageSize(width, height, name);

    const std::size_t pixelBytes = bits / 8;
    const std::size_t stride = (static_cast<std::size_t>(width) * pixelBytes + 3) / 4 * 4;
    const std::size_t start = file.word(kPixelsAt);
    (void)file.byte(start + stride * static_cast<std::size_t>(height - 1)
                    + static_cast<std::size_t>(width) * pixelBytes - 1); // the last pixel is there
    Image image{width, static_cast<int>(height), 3, {}};
    image.pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (std::int64_t y = 0; y < height; ++y) {
        const std::size_t row = start + stride * static_cast<std::size_t>(topDown ? y : height - 1 - y);
        for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
            const std::size_t pixel = row + x * pixelBytes;
            const std::size_t bgr =
                bits == 8 ? kHeaderAt + headerSize + std::size_t{file.byte(pixel)} * 4 : pixel;
            for (std::size_t c = 3; c-- > 0;) {
                image.pixels.push_back(file.byte(bgr + c));
            }
        }
    }
    return image;
}

} // namespace io
