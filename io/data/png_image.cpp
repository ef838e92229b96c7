#include "io/data/image.h"

#include "core/base/error.h"

#include <csetjmp>
#include <cstring>
#include <fmt/format.h>
#include <png.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// What libpng's callbacks need. Its way out of an error is longjmp, so nothing here has a destructor.
struct PngSource
{
    std::string_view bytes;
    char message[200] = {};
};

void stop(png_structp png, png_const_charp text)
{
    auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
    std::strncpy(source->message, text, sizeof source->message - 1);
    png_longjmp(png, 1);
}

void ignore(png_structp, png_const_charp) { }

void readBytes(png_structp png, png_bytep dst, std::size_t count)
{
    auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
    if (count > source->bytes.size()) {
        png_error(png, "the file ends early");
    }
    std::memcpy(dst, source->bytes.data(), count);
    source->bytes.remove_prefix(count);
}

bool readHeader(png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_read_info(png, info);
    png_set_expand(png); // palettes and fewer than 8 bits
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
}

bool readPixels(png_structp png, png_bytepp rows)
{
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_read_image(png, rows);
    png_read_end(png, nullptr);
    return true;
}

struct Reader
{
    png_structp png;
    png_infop info;
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

} // namespace

Image decodePng(std::string_view bytes, std::string_view name)
{
    PngSource source{bytes};
    Reader reader{png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, stop, ignore), nullptr};
    reader.info = reader.png ? png_create_info_struct(reader.png) : nullptr;
    if (!reader.info) {
        throw Error(ErrorKind::OutOfBudget, fmt::format("{}: no memory to decode it", name));
    }
    png_set_read_fn(reader.png, &source, readBytes);
    const auto failure = [&] {
        return Error(ErrorKind::FileFormat, fmt::format("{}: damaged PNG: {}", name, source.message));
    };

    if (!readHeader(reader.png, reader.info)) {
        throw failure();
    }
    const png_uint_32 width = png_get_image_width(reader.png, reader.info);
    const png_uint_32 height = png_get_image_height(reader.png, reader.info);
    checkImageSize(width, height, name);
    const std::size_t stride = png_get_rowbytes(reader.png, reader.info);
    if (stride != std::size_t{width} * 3) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: PNG does not expand to 8-bit RGB", name));
    }
    Image image{static_cast<int>(width), static_cast<int>(height), 3, {}};
    image.pixels.resize(stride * height);
    std::vector<png_bytep> rows(height);
    for (std::size_t y = 0; y < height; ++y) {
        rows[y] = image.pixels.data() + y * stride;
    }
    if (!readPixels(reader.png, rows.data())) {
        throw failure();
    }
    return image;
}

} // namespace io
