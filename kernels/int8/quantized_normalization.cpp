#include "kernels/int8/quantized_normalization.h"

#include "kernels/codes/byte_code.h"
#include "kernels/codes/quantize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace kernels {

namespace {

struct BlockMoments
{
    double mean = 0.0; ///< of q − z
    double variance = 0.0;
};

BlockMoments momentsOf(std::span<const std::byte> block, const QuantizedFormat& format)
{
    std::int64_t sum = 0;
    std::int64_t squares = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const std::int64_t d = byteCodeAt(block, format.type, i) - format.zeroPoint;
        sum += d;
        squares += d * d;
    }
    // n·Σd² − (Σd)² is exact in 64 bits up to 2^24 elements and cannot be negative.
    const auto n = static_cast<std::int64_t>(block.size());
    const double count = static_cast<double>(n);
    const double variance = n < (std::int64_t{1} << 24)
        ? static_cast<double>(n * squares - sum * sum) / (count * count)
        : std::max(0.0,
                   static_cast<double>(squares) / count
                       - static_cast<double>(sum) / count * (static_cast<double>(sum) / count));
    return {static_cast<double>(sum) / count, variance};
}

} // namespace

void normalize(const NormalizationShape& shape, float epsilon, std::span<const std::byte> src,
               const QuantizedFormat& srcFormat, std::span<const float> gamma, std::span<const float> beta,
               std::span<std::byte> dst, const QuantizedFormat& dstFormat)
{
    assert(src.size() == dst.size() && src.size() % shape.length == 0);
    const double scale = srcFormat.scale;
    std::vector<float> reals(shape.length);
    for (std::size_t begin = 0; begin < src.size(); begin += shape.length) {
        const auto block = src.subspan(begin, shape.length);
        const BlockMoments moments = momentsOf(block, srcFormat);
        // (s·d − s·mean) / sqrt(s²·variance + ε) = (d − mean) / sqrt(variance + ε/s²)
        const auto inverse = static_cast<float>(
            1.0 / std::sqrt(moments.variance + static_cast<double>(epsilon) / (scale * scale)));
        const auto mean = static_cast<float>(moments.mean);
        for (std::size_t i = 0; i < shape.length;) {
            const std::size_t p = (begin + i) / shape.parameterStride % gamma.size();
            const std::size_t end =
                std::min(shape.length, i + shape.parameterStride - (begin + i) % shape.parameterStride);
            const float factor = inverse * gamma[p];
            const float addend = beta.empty() ? 0.0f : beta[p];
            for (; i < end; ++i) {
                const int d = byteCodeAt(block, srcFormat.type, i) - srcFormat.zeroPoint;
                reals[i] = (static_cast<float>(d) - mean) * factor + addend;
            }
        }
        quantizeLinear(reals, dstFormat, dst.subspan(begin, shape.length));
    }
}

void referenceNormalize(const NormalizationShape& shape, float epsilon, std::span<const std::byte> src,
                        const QuantizedFormat& srcFormat, std::span<const float> gamma,
                        std::span<const float> beta, std::span<std::byte> dst,
                        const QuantizedFormat& dstFormat)
{
    for (std::size_t begin = 0; begin < src.size(); begin += shape.length) {
        std::vector<double> x;
        double mean = 0.0;
        for (std::size_t i = 0; i < shape.length; ++i) {
            x.push_back(static_cast<double>(srcFormat.scale)
                        * (byteCodeAt(src, srcFormat.type, begin + i) - srcFormat.zeroPoint));
            mean += x.back() / static_cast<double>(shape.length);
        }
        double variance = 0.0;
        for (const double value : x) {
            variance += (value - mean) * (value - mean) / static_cast<double>(shape.length);
        }
        for (std::size_t i = 0; i < shape.length; ++i) {
            const std::size_t p = (begin + i) / shape.parameterStride % gamma.size();
            const double r = (x[i] - mean) / std::sqrt(variance + static_cast<double>(epsilon))
                    * static_cast<double>(gamma[p])
                + (beta.empty() ? 0.0 : static_cast<double>(beta[p]));
            const double code =
                std::nearbyint(r / static_cast<double>(dstFormat.scale)) + dstFormat.zeroPoint;
            dst[begin + i] = static_cast<std::byte>(static_cast<int>(std::clamp(
                code, static_cast<double>(dstFormat.lowest), static_cast<double>(dstFormat.highest))));
        }
    }
}

} // namespace kernels
