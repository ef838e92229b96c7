#include "kernels/float/pooling.h"

#include "kernels/codes/quantize.h"
#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace kernels {
namespace {

/// Calls visit(dstPixel) for every window, then gather(srcPixel) for every position of it inside src, then
/// finish(dstPixel, divisor), where divisor counts padding if asked to.
template <typename Begin, typename Gather, typename Finish>
void forEachWindow(const PoolingShape& s, PaddingCount padding, Begin begin, Gather gather, Finish finish)
{
    struct Span
    {
        std::int64_t first, last, counted; ///< taps inside src, and how many the divisor sees
    };
    const auto along = [&](std::size_t axis, std::int64_t y) {
        const auto start = y * s.stride[axis] - s.padBegin[axis];
        Span span{s.kernel[axis], -1, 0};
        for (std::int64_t k = 0; k < s.kernel[axis]; ++k) {
            const auto x = start + k * s.dilation[axis];
            if (x >= 0 && x < s.src[axis]) {
                span.first = std::min(span.first, k);
                span.last = k;
                ++span.counted;
            } else if (padding == PaddingCount::Include && x < s.src[axis] + s.padEnd[axis]) {
                ++span.counted;
            }
        }
        return span;
    };
    std::int64_t dst = 0;
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t y0 = 0; y0 < s.dst[0]; ++y0) {
            const auto a0 = along(0, y0);
            for (std::int64_t y1 = 0; y1 < s.dst[1]; ++y1) {
                const auto a1 = along(1, y1);
                for (std::int64_t y2 = 0; y2 < s.dst[2]; ++y2, ++dst) {
                    const auto a2 = along(2, y2);
                    begin(dst);
                    for (auto k0 = a0.first; k0 <= a0.last; ++k0) {
                        const auto x0 = n * s.src[0] + y0 * s.stride[0] - s.padBegin[0] + k0 * s.dilation[0];
                        for (auto k1 = a1.first; k1 <= a1.last; ++k1) {
                            const auto x1 =
                                x0 * s.src[1] + y1 * s.stride[1] - s.padBegin[1] + k1 * s.dilation[1];
                            for (auto k2 = a2.first; k2 <= a2.last; ++k2) {
                                gather(x1 * s.src[2] + y2 * s.stride[2] - s.padBegin[2] + k2 * s.dilation[2]);
                            }
                        }
                    }
                    finish(dst, a0.counted * a1.counted * a2.counted);
                }
            }
        }
    }
}

// Bytes may alias anything, so without __restrict these loops stay scalar; inlined, GCC 12 forgets it.
template <typename T>
[[gnu::noinline]] void takeLarger(const T* __restrict src, std::int64_t count, T* __restrict dst)
{
    for (std::int64_t c = 0; c < count; ++c) {
        bool isLarger = src[c] > dst[c];
        if constexpr (std::is_floating_point_v<T>) {
            isLarger = isLarger || std::isnan(src[c]); // a NaN must not be lost
        }
        dst[c] = isLarger ? src[c] : dst[c];
    }
}

template <typename T, typename Sum>
[[gnu::noinline]] void addTo(const T* __restrict src, std::int64_t count, Sum* __restrict dst)
{
    for (std::int64_t c = 0; c < count; ++c) {
        dst[c] += src[c];
    }
}

template <typename T>
void maxPoolOf(const PoolingShape& shape, const T* src, T* dst, T lowest)
{
    T* out = dst;
    forEachWindow(
        shape, PaddingCount::Exclude,
        [&](std::int64_t y) {
            out = dst + y * shape.channels;
            std::fill_n(out, shape.channels, lowest);
        },
        [&](std::int64_t x) { takeLarger(src + x * shape.channels, shape.channels, out); },
        [](std::int64_t, std::int64_t) {});
}

template <typename T>
void averagePoolOf(const PoolingShape& shape, PaddingCount padding, const QuantizedFormat& srcFormat,
                   const T* src, const QuantizedFormat& dstFormat, std::span<std::byte> dst)
{
    const auto channels = static_cast<std::size_t>(shape.channels);
    std::vector<std::int32_t> sums(channels);
    std::vector<float> scaled(channels);
    QuantizedFormat unit = dstFormat; // the factor below already divides by the scale
    unit.scale = 1.0f;
    std::int32_t taps = 0;
    forEachWindow(
        shape, padding,
        [&](std::int64_t) {
            std::fill(sums.begin(), sums.end(), 0);
            taps = 0;
        },
        [&](std::int64_t x) {
            addTo(src + x * shape.channels, shape.channels, sums.data());
            ++taps;
        },
        [&](std::int64_t y, std::int64_t count) {
            const float factor = count == 0
                ? 0.0f
                : static_cast<float>(static_cast<double>(srcFormat.scale)
                                     / static_cast<double>(dstFormat.scale) / static_cast<double>(count));
            const std::int32_t offset = taps * srcFormat.zeroPoint;
            for (std::size_t c = 0; c < channels; ++c) {
                scaled[c] = static_cast<float>(sums[c] - offset) * factor;
            }
            quantizeLinear(scaled, unit, dst.subspan(static_cast<std::size_t>(y) * channels, channels));
        });
}

} // namespace

std::int64_t PoolingShape::srcCount() const { return batch * channels * src[0] * src[1] * src[2]; }
std::int64_t PoolingShape::dstCount() const { return batch * channels * dst[0] * dst[1] * dst[2]; }

void maxPool(const PoolingShape& shape, std::span<const float> src, std::span<float> dst)
{
    assert(static_cast<std::int64_t>(src.size()) == shape.srcCount());
    assert(static_cast<std::int64_t>(dst.size()) == shape.dstCount());
    maxPoolOf(shape, src.data(), dst.data(), -std::numeric_limits<float>::infinity());
}

void maxPool(const PoolingShape& shape, ElementType type, std::span<const std::byte> src,
             std::span<std::byte> dst)
{
    assert(static_cast<std::int64_t>(src.size()) == shape.srcCount());
    assert(static_cast<std::int64_t>(dst.size()) == shape.dstCount());
    if (type == ElementType::U8) {
        maxPoolOf(shape, reinterpret_cast<const std::uint8_t*>(src.data()),
                  reinterpret_cast<std::uint8_t*>(dst.data()), std::numeric_limits<std::uint8_t>::lowest());
    } else {
        maxPoolOf(shape, reinterpret_cast<const std::int8_t*>(src.data()),
                  reinterpret_cast<std::int8_t*>(dst.data()), std::numeric_limits<std::int8_t>::lowest());
    }
}

void averagePool(const PoolingShape& shape, PaddingCount padding, std::span<const float> src,
                 std::span<float> dst)
{
    float* out = nullptr;
    forEachWindow(
        shape, padding,
        [&](std::int64_t y) {
            out = dst.data() + y * shape.channels;
            std::fill_n(out, shape.channels, 0.0f);
        },
        [&](std::int64_t x) { addTo(src.data() + x * shape.channels, shape.channels, out); },
        [&](std::int64_t, std::int64_t count) {
            const auto divisor = static_cast<float>(std::max<std::int64_t>(count, 1));
            for (std::int64_t c = 0; c < shape.channels; ++c) {
                out[c] /= divisor;
            }
        });
}

void averagePool(const PoolingShape& shape, PaddingCount padding, const QuantizedFormat& srcFormat,
                 std::span<const std::byte> src, const QuantizedFormat& dstFormat, std::span<std::byte> dst)
{
    if (srcFormat.type == ElementType::U8) {
        averagePoolOf(shape, padding, srcFormat, reinterpret_cast<const std::uint8_t*>(src.data()), dstFormat,
                      dst);
    } else {
        averagePoolOf(shape, padding, srcFormat, reinterpret_cast<const std::int8_t*>(src.data()), dstFormat,
                      dst);
    }
}

} // namespace kernels
