#include "kernels/float/reference_convolution.h"

#include "kernels/shape/convolution_products.h"

#include <vector>

namespace kernels {

void convolutionReference(const ConvolutionShape& shape, std::span<const float> src,
                          std::span<const float> weights, std::span<const float> bias,
                          const Activation& activation, std::span<const float> residual, std::span<float> dst)
{
    std::vector<double> sums(dst.size(), 0.0);
    forEachProduct(shape, [&](std::size_t y, std::size_t x, std::size_t w) {
        sums[y] += static_cast<double>(src[x]) * static_cast<double>(weights[w]);
    });
    const auto channels = static_cast<std::size_t>(shape.dstChannels);
    for (std::size_t i = 0; i < dst.size(); ++i) {
        const double sum =
            sums[i] + (bias.empty() ? 0.0 : bias[i % channels]) + (residual.empty() ? 0.0 : residual[i]);
        dst[i] = apply(activation, static_cast<float>(sum));
    }
}

} // namespace kernels
