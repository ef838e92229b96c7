#include "kernels/int8/quantized_resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <vector>

namespace kernels {

namespace {

constexpr std::int64_t kOne = 1 << 15; // of a weight: three of them and a code fill 53 bits

std::int64_t upperWeight(const LinearTap& tap) { return std::lround(tap.weight * static_cast<float>(kOne)); }
std::int64_t lowerWeight(const LinearTap& tap) { return kOne - upperWeight(tap); }

/// What a sum of weight·code is multiplied with.
double factorOf(const QuantizedFormat& src, const QuantizedFormat& dst)
{
    return static_cast<double>(src.scale) / static_cast<double>(dst.scale)
        / static_cast<double>(kOne * kOne * kOne);
}

std::byte store(double sum, double factor, const QuantizedFormat& dst)
{
    const double code = std::nearbyint(sum * factor) + dst.zeroPoint;
    return static_cast<std::byte>(static_cast<int>(
        std::clamp(code, static_cast<double>(dst.lowest), static_cast<double>(dst.highest))));
}

/// row += weight · (codes − zeroPoint)
template <typename Code>
void addRow(std::span<double> row, std::span<const std::byte> codes, std::int32_t zeroPoint,
            std::int64_t weight)
{
    const auto factor = static_cast<double>(weight);
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] +=
            factor * static_cast<double>(static_cast<std::int32_t>(static_cast<Code>(codes[i])) - zeroPoint);
    }
}

} // namespace

void resizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                  std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                  const QuantizedFormat& dstFormat)
{
    assert(sizeOf(srcFormat.type) == 1 && sizeOf(dstFormat.type) == 1);
    const auto channels = static_cast<std::size_t>(shape.channels);
    const double factor = factorOf(srcFormat, dstFormat);
    std::vector<double> row(static_cast<std::size_t>(shape.src[2])
                            * channels); // source rows, weighted and added
    std::size_t out = 0;
    for (std::int64_t n = 0; n < shape.batch; ++n) {
        for (const LinearTap& a : taps[0]) {
            for (const LinearTap& b : taps[1]) {
                std::ranges::fill(row, 0.0);
                for (const auto& [i, outerWeight] :
                     {std::pair(a.lower, lowerWeight(a)), std::pair(a.upper, upperWeight(a))}) {
                    for (const auto& [j, innerWeight] :
                         {std::pair(b.lower, lowerWeight(b)), std::pair(b.upper, upperWeight(b))}) {
                        if (outerWeight * innerWeight == 0) {
                            continue;
                        }
                        const auto line = static_cast<std::size_t>((n * shape.src[0] + i) * shape.src[1] + j);
                        const auto codes = src.subspan(line * row.size(), row.size());
                        if (srcFormat.type == ElementType::S8) {
                            addRow<std::int8_t>(row, codes, srcFormat.zeroPoint, outerWeight * innerWeight);
                        } else {
                            addRow<std::uint8_t>(row, codes, srcFormat.zeroPoint, outerWeight * innerWeight);
                        }
                    }
                }
                for (const LinearTap& c : taps[2]) {
                    const double* lower = row.data() + static_cast<std::size_t>(c.lower) * channels;
                    const double* upper = row.data() + static_cast<std::size_t>(c.upper) * channels;
                    const auto below = static_cast<double>(lowerWeight(c));
                    const auto above = static_cast<double>(upperWeight(c));
                    for (std::size_t ch = 0; ch < channels; ++ch) {
                        dst[out++] = store(below * lower[ch] + above * upper[ch], factor, dstFormat);
                    }
                }
            }
        }
    }
}

void referenceResizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                           std::span<const std::byte> src, const QuantizedFormat& srcFormat,
                           std::span<std::byte> dst, const QuantizedFormat& dstFormat)
{
    const auto code = [&](std::int64_t at) {
        const std::byte byte = src[static_cast<std::size_t>(at)];
        const int q = srcFormat.type == ElementType::S8 ? static_cast<int>(static_cast<std::int8_t>(byte))
                                                        : static_cast<int>(byte);
        return q - srcFormat.zeroPoint;
    };
    std::size_t out = 0;
    for (std::int64_t n = 0; n < shape.batch; ++n) {
        for (const LinearTap& a : taps[0]) {
            for (const LinearTap& b : taps[1]) {
                for (const LinearTap& c : taps[2]) {
                    for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
                        std::int64_t sum = 0;
                        for (int corner = 0; corner < 8; ++corner) {
                            const bool isUpperA = (corner & 4) != 0;
                            const bool isUpperB = (corner & 2) != 0;
                            const bool isUpperC = (corner & 1) != 0;
                            const std::int64_t weight = (isUpperA ? upperWeight(a) : lowerWeight(a))
                                * (isUpperB ? upperWeight(b) : lowerWeight(b))
                                * (isUpperC ? upperWeight(c) : lowerWeight(c));
                            const std::int64_t i = isUpperA ? a.upper : a.lower;
                            const std::int64_t j = isUpperB ? b.upper : b.lower;
                            const std::int64_t k = isUpperC ? c.upper : c.lower;
                            sum += weight
                                * code((((n * shape.src[0] + i) * shape.src[1] + j) * shape.src[2] + k)
                                           * shape.channels
                                       + channel);
                        }
                        dst[out++] =
                            store(static_cast<double>(sum), factorOf(srcFormat, dstFormat), dstFormat);
                    }
                }
            }
        }
    }
}

} // namespace kernels
