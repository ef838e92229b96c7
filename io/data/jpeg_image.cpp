#include "io/data/image.h"

#include "core/base/error.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <fmt/format.h>

#include <jerror.h>
#include <jpeglib.h> // needs <cstdio> before it

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// libjpeg's way out of an error is longjmp, so what lies between setjmp and the library has no destructors.
struct JpegErrors
{
    jpeg_error_mgr manager{}; // first: libjpeg hands out its address
    std::jmp_buf recover{};
    char message[JMSG_LENGTH_MAX] = {};
};

[[noreturn]] void stop(j_common_ptr info)
{
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->recover, 1);
}

/// Damage that libjpeg would paint over in gray is an error here; harmless remarks are not.
void remark(j_common_ptr info, int level)
{
    const int code = info->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR) {
        stop(info);
    }
}

/// 8-bit CMYK, which Adobe stores inverted, to RGB: (255 − ink)·(255 − black) / 255, rounded.
std::vector<std::uint8_t> rgbOfCmyk(const std::vector<std::uint8_t>& cmyk, bool inverted)
{
    std::vector<std::uint8_t> rgb;
    rgb.reserve(cmyk.size() / 4 * 3);
    for (std::size_t i = 0; i + 3 < cmyk.size(); i += 4) {
        const int light = inverted ? cmyk[i + 3] : 255 - cmyk[i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            const int color = inverted ? cmyk[i + c] : 255 - cmyk[i + c];
            rgb.push_back(static_cast<std::uint8_t>((color * light + 127) / 255));
        }
    }
    return rgb;
}

bool readHeader(jpeg_decompress_struct& info, JpegErrors& errors, std::string_view bytes)
{
    if (setjmp(errors.recover)) {
        return false;
    }
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    return true;
}

/// Fills rows of `stride` bytes.
bool readPixels(jpeg_decompress_struct& info, JpegErrors& errors, std::uint8_t* dst, std::size_t stride)
{
    if (setjmp(errors.recover)) {
        return false;
    }
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = dst + stride * info.output_scanline;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    return true;
}

struct Release
{
    jpeg_decompress_struct& info;
    ~Release() { jpeg_destroy_decompress(&info); }
};

} // namespace

Image decodeJpeg(std::string_view bytes, std::string_view name)
{
    JpegErrors errors;
    jpeg_decompress_struct info{};
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = stop;
    errors.manager.emit_message = remark;
    jpeg_create_decompress(&info);
    const Release release{info};
    const auto failure = [&] {
        return Error(ErrorKind::FileFormat, fmt::format("{}: damaged JPEG: {}", name, errors.message));
    };

    if (!readHeader(info, errors, bytes)) {
        throw failure();
    }
    checkImageSize(info.image_width, info.image_height, name);
    info.dct_method = JDCT_ISLOW;
    info.do_fancy_upsampling = TRUE;
    const bool isCmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = isCmyk ? JCS_CMYK : JCS_RGB;

    Image image{static_cast<int>(info.image_width), static_cast<int>(info.image_height), 3, {}};
    const std::size_t pixels = std::size_t{info.image_width} * info.image_height;
    image.pixels.resize(pixels * (isCmyk ? 4 : 3));
    if (!readPixels(info, errors, image.pixels.data(), image.pixels.size() / info.image_height)) {
        throw failure();
    }
    if (isCmyk) {
        image.pixels = rgbOfCmyk(image.pixels, info.saw_Adobe_marker != 0);
    }
    return image;
}

} // namespace io
