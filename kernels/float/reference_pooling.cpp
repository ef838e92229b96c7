#include "kernels/float/reference_pooling.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace kernels {
namespace {

/// For every element of dst: reduce(dst index, values of the window read by `at`, divisor).
template <typename Value, typename At, typename Combine, typename Store>
void reduceWindows(const PoolingShape& s, PaddingCount padding, Value start, At at, Combine combine,
                   Store store)
{
    const auto dstPixels = s.dst[0] * s.dst[1] * s.dst[2];
    for (std::int64_t i = 0; i < s.dstCount(); ++i) {
        const auto c = i % s.channels;
        const auto pixel = i / s.channels % dstPixels;
        const auto n = i / s.channels / dstPixels;
        const PoolingShape::Sizes y{pixel / s.dst[2] / s.dst[1], pixel / s.dst[2] % s.dst[1],
                                    pixel % s.dst[2]};
        Value value = start;
        std::int64_t divisor = 0;
        for (std::int64_t tap = 0; tap < s.kernel[0] * s.kernel[1] * s.kernel[2]; ++tap) {
            const PoolingShape::Sizes k{tap / s.kernel[2] / s.kernel[1], tap / s.kernel[2] % s.kernel[1],
                                        tap % s.kernel[2]};
            PoolingShape::Sizes x{};
            bool inside = true;
            bool padded = true;
            for (std::size_t a = 0; a < 3; ++a) {
                x[a] = y[a] * s.stride[a] - s.padBegin[a] + k[a] * s.dilation[a];
                inside = inside && x[a] >= 0 && x[a] < s.src[a];
                padded = padded && x[a] < s.src[a] + s.padEnd[a];
            }
            if (inside) {
                const auto at3 = (n * s.src[0] + x[0]) * s.src[1] + x[1];
                value =
                    combine(value, at(static_cast<std::size_t>((at3 * s.src[2] + x[2]) * s.channels + c)));
            }
            divisor += inside || (padded && padding == PaddingCount::Include) ? 1 : 0;
        }
        store(static_cast<std::size_t>(i), value, divisor);
    }
}

} // namespace

void maxPoolReference(const PoolingShape& shape, std::span<const float> src, std::span<float> dst)
{
    reduceWindows(
        shape, PaddingCount::Exclude, -std::numeric_limits<float>::infinity(),
        [&](std::size_t i) { return src[i]; }, [](float a, float b) { return std::max(a, b); },
        [&](std::size_t i, float value, std::int64_t) { dst[i] = value; });
}

void averagePoolReference(const PoolingShape& shape, PaddingCount padding, std::span<const float> src,
                          std::span<float> dst)
{
    reduceWindows(
        shape, padding, 0.0, [&](std::size_t i) { return static_cast<double>(src[i]); }, std::plus<double>(),
        [&](std::size_t i, double value, std::int64_t divisor) {
            dst[i] = divisor == 0 ? 0.0f : static_cast<float>(value / static_cast<double>(divisor));
        });
}

void averagePoolReference(const PoolingShape& shape, PaddingCount padding, const QuantizedFormat& srcFormat,
                          std::span<const std::byte> src, const QuantizedFormat& dstFormat,
                          std::span<std::byte> dst)
{
    reduceWindows(
        shape, padding, std::int64_t{0},
        [&](std::size_t i) { return std::int64_t{codeAt(src, srcFormat.type, i)} - srcFormat.zeroPoint; },
        std::plus<std::int64_t>(),
        [&](std::size_t i, std::int64_t value, std::int64_t divisor) {
            const double real = divisor == 0 ? 0.0
                                             : static_cast<double>(value)
                    * static_cast<double>(srcFormat.scale) / static_cast<double>(divisor);
            storeCode(dst, dstFormat.type, i,
                      codeOfScaled(real / static_cast<double>(dstFormat.scale), dstFormat));
        });
}

} // namespace kernels
