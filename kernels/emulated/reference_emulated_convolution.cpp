#include "kernels/emulated/reference_emulated_convolution.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/saturating_dot.h"

#include <array>
#include <cmath>
#include <numeric>

namespace kernels {
namespace {

struct Product
{
    std::int32_t x = 0; ///< raw code
    std::int32_t w = 0; ///< raw code
    bool filled = false; ///< stands for no product: fills up a pair, or skipped padding
};

/// Source position under a tap; negative on padding.
std::int64_t pixelUnder(const ConvolutionShape& s, std::array<std::int64_t, 3> y,
                        std::array<std::int64_t, 3> tap)
{
    std::int64_t pixel = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        std::int64_t x = y[axis] * s.stride[axis] - s.padBegin[axis] + tap[axis] * s.dilation[axis];
        if (s.transposed) {
            x = y[axis] + s.padBegin[axis] - tap[axis] * s.dilation[axis];
            if (x < 0 || x % s.stride[axis] != 0) {
                return -1;
            }
            x /= s.stride[axis];
        }
        if (x < 0 || x >= s.src[axis]) {
            return -1;
        }
        pixel = pixel * s.src[axis] + x;
    }
    return pixel;
}

/// Every product of one element of dst, in the order of the pairs.
std::vector<Product> productsOf(const EmulatedConvolutionSpec& spec, std::span<const std::byte> src,
                                std::int64_t image, std::array<std::int64_t, 3> y, std::int64_t channel)
{
    const auto& s = spec.shape;
    const auto perGroup = s.srcChannels / s.groups;
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto group = channel / dstPerGroup;
    std::vector<Product> products;
    for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
        const std::array t{tap / (s.kernel[1] * s.kernel[2]), tap / s.kernel[2] % s.kernel[1],
                           tap % s.kernel[2]};
        const auto pixel = pixelUnder(s, y, t);
        const auto pixels = s.src[0] * s.src[1] * s.src[2];
        for (std::int64_t source = 0; source < perGroup; ++source) {
            const auto filter = s.transposed
                ? (group * perGroup + source) * dstPerGroup + channel % dstPerGroup
                : channel * perGroup + source;
            Product product;
            product.w = spec.weights[static_cast<std::size_t>(filter * s.taps() + tap)];
            product.x = spec.src.zeroPoint;
            if (pixel >= 0) {
                product.x = codeAt(src, spec.src.type,
                                   static_cast<std::size_t>((image * pixels + pixel) * s.srcChannels
                                                            + group * perGroup + source));
            } else if (spec.order == PairOrder::PerTap) {
                product.filled = true;
            }
            products.push_back(product);
        }
        if (spec.order == PairOrder::PerTap && products.size() % 2 != 0) {
            products.push_back({0, 0, true});
        }
    }
    return products;
}

} // namespace

std::vector<std::int64_t> emulatedSumsReference(const EmulatedConvolutionSpec& spec,
                                                std::span<const std::byte> src, SaturationCounts& counts)
{
    const auto& s = spec.shape;
    counts.pairs.assign(static_cast<std::size_t>(s.dstChannels), 0);
    counts.sums = counts.pairs;
    std::vector<std::int64_t> result;
    const auto positions = s.dst[0] * s.dst[1] * s.dst[2];
    for (std::int64_t i = 0; i < s.batch * positions * s.dstChannels; ++i) {
        const auto channel = i % s.dstChannels;
        const auto c = static_cast<std::size_t>(channel);
        const auto position = i / s.dstChannels % positions;
        const std::array y{position / (s.dst[1] * s.dst[2]), position / s.dst[2] % s.dst[1],
                           position % s.dst[2]};
        const std::int64_t weightZeroPoint =
            spec.weightZeroPoint.empty() ? 0 : spec.weightZeroPoint[spec.weightZeroPoint.size() == 1 ? 0 : c];
        std::vector<std::uint8_t> x;
        std::vector<std::int8_t> w;
        std::int64_t exact = 0;
        std::int64_t raw = 0;
        std::int64_t apart = 0;
        const std::int32_t shift = spec.src.type == ElementType::S8 ? 128 : 0;
        for (const Product& p : productsOf(spec, src, i / (positions * s.dstChannels), y, channel)) {
            std::int32_t weight = p.w;
            if (spec.halvedWeights) {
                weight = static_cast<std::int32_t>(std::nearbyint(weight / 2.0));
            }
            const std::int32_t code = p.filled ? 0 : p.x + shift;
            const bool outlier = spec.accumulator == AccumulatorForm::Acc16
                && isAcc16Outlier(static_cast<std::int8_t>(weight), spec.outlierBits);
            if (!p.filled) {
                exact += (p.x - spec.src.zeroPoint) * (weight - weightZeroPoint);
                raw += std::int64_t{code} * weight;
                apart += outlier ? std::int64_t{code} * weight : 0;
            }
            if (spec.accumulator != AccumulatorForm::Exact) {
                x.push_back(static_cast<std::uint8_t>(code));
                w.push_back(outlier || p.filled ? std::int8_t{0} : static_cast<std::int8_t>(weight));
            }
        }
        std::int64_t sum = exact;
        if (spec.accumulator != AccumulatorForm::Exact) {
            const auto saturating = spec.accumulator == AccumulatorForm::Acc16
                ? dotAcc16(x, w, static_cast<std::size_t>(spec.spillEvery))
                : dotPairSaturating(std::span<const std::uint8_t>(x), w);
            // What the zero points take off is exact: it is added to the saturating sum of raw codes.
            sum = saturating.value + apart + (exact - raw);
            counts.pairs[c] += saturating.saturatedPairs;
            counts.sums[c] += saturating.saturatedSums;
        }
        result.push_back(spec.halvedWeights ? 2 * sum : sum);
    }
    return result;
}

} // namespace kernels
