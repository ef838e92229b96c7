#include "kernels/int8/reference_quantized_convolution.h"

#include "kernels/codes/per_channel.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/codes/requantization.h"
#include "kernels/shape/convolution_products.h"

namespace kernels {
std::vector<std::int64_t> accumulatorsReference(const QuantizedConvolutionSpec& spec,
                                                std::span<const std::byte> src)
{
    std::vector<std::int64_t> sums(static_cast<std::size_t>(spec.shape.dstCount()), 0);
    const auto channels = static_cast<std::size_t>(spec.shape.dstChannels);
    forEachProduct(spec.shape, [&](std::size_t y, std::size_t x, std::size_t w) {
        const std::int64_t code = codeAt(src, spec.src.type, x) - spec.src.zeroPoint;
        const std::int64_t weight = spec.weights[w] - pick(spec.weightZeroPoint, y % channels, 0);
        sums[y] += code * weight;
    });
    return sums;
}

void quantizedConvolutionReference(const QuantizedConvolutionSpec& spec, std::span<const std::byte> src,
                                   std::span<const std::byte> residual, std::span<std::byte> dst)
{
    const auto sums = accumulatorsReference(spec, src);
    const auto channels = static_cast<std::size_t>(spec.shape.dstChannels);
    std::vector<float> scale;
    for (std::size_t c = 0; c < channels; ++c) {
        scale.push_back(spec.src.scale * pick(spec.weightScale, static_cast<std::size_t>(c), 1.0f));
    }
    const auto how = makeRequantization(scale, spec.dst, spec.activation, spec.residual);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto c = i % channels;
        const auto code = spec.residual ? codeAt(residual, spec.residual->type, i) : 0;
        storeRequantized(sums[i] + pick(spec.bias, c, 0), how.multiplier[c], code, how, dst, i);
    }
}

} // namespace kernels
