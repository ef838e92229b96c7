#include "io/data/resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace io {

namespace {

// 8 bits of pixel and 2 bits of headroom leave 22 for the fraction of a weight in 32 bits.
constexpr int kFractionBits = 32 - 8 - 2;
constexpr std::int32_t kHalf = 1 << (kFractionBits - 1);

/// Which source positions an output position reads, with what weights.
struct Window
{
    int first = 0;
    std::vector<std::int32_t> weights;
};

std::vector<Window> triangleWindows(int srcSize, float from, float to, int dstSize)
{
    const double scale = static_cast<double>(to - from) / dstSize;
    const double widening = std::max(scale, 1.0); // enlarging interpolates between two neighbours
    std::vector<Window> windows(static_cast<std::size_t>(dstSize));
    std::vector<double> exact;
    for (int i = 0; i < dstSize; ++i) {
        const double center = from + (i + 0.5) * scale;
        const int first = std::max(0, static_cast<int>(center - widening + 0.5));
        const int last = std::min(srcSize, static_cast<int>(center + widening + 0.5));
        exact.clear();
        double sum = 0;
        for (int x = first; x < last; ++x) {
            exact.push_back(std::max(0.0, 1.0 - std::abs((x - center + 0.5) * (1.0 / widening))));
            sum += exact.back();
        }
        Window& window = windows[static_cast<std::size_t>(i)];
        window.first = first;
        for (const double weight : exact) {
            const double share = sum != 0 ? weight / sum : weight;
            window.weights.push_back(static_cast<std::int32_t>(0.5 + share * (1 << kFractionBits)));
        }
    }
    return windows;
}

/// One pass: `step` bytes lie between neighbours along the axis.
std::uint8_t weighted(const std::uint8_t* src, std::size_t step, const Window& window)
{
    std::int32_t sum = kHalf;
    for (const std::int32_t weight : window.weights) {
        sum += *src * weight;
        src += step;
    }
    return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

/// Rows [firstRow, firstRow + rows) of the image, each resampled to windows.size() pixels.
Image resizeRows(const Image& image, const std::vector<Window>& windows, int firstRow, int rows)
{
    Image result{static_cast<int>(windows.size()), rows, image.channels, {}};
    const auto channels = static_cast<std::size_t>(image.channels);
    const std::size_t stride = static_cast<std::size_t>(image.width) * channels;
    result.pixels.resize(windows.size() * static_cast<std::size_t>(rows) * channels);
    std::uint8_t* dst = result.pixels.data();
    for (int y = 0; y < rows; ++y) {
        const std::uint8_t* row = image.pixels.data() + static_cast<std::size_t>(firstRow + y) * stride;
        for (const Window& window : windows) {
            for (std::size_t c = 0; c < channels; ++c) {
                *dst++ =
                    weighted(row + static_cast<std::size_t>(window.first) * channels + c, channels, window);
            }
        }
    }
    return result;
}

Image resizeColumns(const Image& image, const std::vector<Window>& windows)
{
    Image result{image.width, static_cast<int>(windows.size()), image.channels, {}};
    const std::size_t stride =
        static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.channels);
    result.pixels.resize(windows.size() * stride);
    std::uint8_t* dst = result.pixels.data();
    for (const Window& window : windows) {
        const std::uint8_t* column = image.pixels.data() + static_cast<std::size_t>(window.first) * stride;
        for (std::size_t x = 0; x < stride; ++x) {
            *dst++ = weighted(column + x, stride, window);
        }
    }
    return result;
}

} // namespace

Image resizeBilinear(const Image& image, ImageSize size, const ImageBox& box)
{
    assert(size.width > 0 && size.height > 0);
    assert(box.left >= 0 && box.top >= 0 && box.left < box.right && box.top < box.bottom);
    assert(box.right <= static_cast<float>(image.width) && box.bottom <= static_cast<float>(image.height));
    // A pass that would copy is left out, as Pillow does.
    const bool horizontal =
        size.width != image.width || box.left != 0 || box.right != static_cast<float>(size.width);
    const bool vertical =
        size.height != image.height || box.top != 0 || box.bottom != static_cast<float>(size.height);
    std::vector<Window> rows = triangleWindows(image.height, box.top, box.bottom, size.height);
    if (!horizontal) {
        return vertical ? resizeColumns(image, rows) : image;
    }
    const std::vector<Window> columns = triangleWindows(image.width, box.left, box.right, size.width);
    if (!vertical) {
        return resizeRows(image, columns, 0, image.height);
    }
    // Only the rows that the vertical pass will read.
    const int firstRow = rows.front().first;
    const int lastRow = rows.back().first + static_cast<int>(rows.back().weights.size());
    for (Window& window : rows) {
        window.first -= firstRow;
    }
    return resizeColumns(resizeRows(image, columns, firstRow, lastRow - firstRow), rows);
}

Image resizeBilinear(const Image& image, ImageSize size)
{
    return resizeBilinear(image, size,
                          {0, 0, static_cast<float>(image.width), static_cast<float>(image.height)});
}

Image crop(const Image& image, int left, int top, ImageSize size)
{
    assert(left >= 0 && top >= 0 && left + size.width <= image.width && top + size.height <= image.height);
    Image result{size.width, size.height, image.channels, {}};
    const auto channels = static_cast<std::size_t>(image.channels);
    const std::size_t stride = static_cast<std::size_t>(image.width) * channels;
    const std::size_t rowBytes = static_cast<std::size_t>(size.width) * channels;
    result.pixels.reserve(rowBytes * static_cast<std::size_t>(size.height));
    for (int y = 0; y < size.height; ++y) {
        const std::uint8_t* row = image.pixels.data() + static_cast<std::size_t>(top + y) * stride
            + static_cast<std::size_t>(left) * channels;
        result.pixels.insert(result.pixels.end(), row, row + rowBytes);
    }
    return result;
}

} // namespace io
