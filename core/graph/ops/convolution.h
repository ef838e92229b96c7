#pragma once

#include "core/graph/ops/window.h"
#include "core/tensor/tensor.h"

namespace core::ops {

/// Sizes of a convolution; weights are outChannels × (inChannels / groups) × kernel.
struct ConvolutionSizes
{
    Window window;
    std::int64_t batch = 1;
    std::int64_t inChannels = 1;
    std::int64_t outChannels = 1;
    std::int64_t groups = 1;
};

/// Checks src and weights of Conv, ConvInteger or QLinearConv against each other.
[[nodiscard]] ConvolutionSizes convolutionSizes(const Node& node, const Shape& src, const Shape& weights);

/// dst[n, oc, o] = bias[oc] + Σ_{ic, k} weights[oc, ic, k] · src[n, g·ic, o·stride + k·dilation − pad].
/// Positions outside src count as zero. Accumulates in the element type (double, or int64 for integers).
template <typename Accumulator>
void convolve(const ConvolutionSizes& sizes, std::span<const Accumulator> src,
              std::span<const Accumulator> weights, std::span<const Accumulator> bias,
              std::span<Accumulator> dst);

extern template void convolve<double>(const ConvolutionSizes&, std::span<const double>,
                                      std::span<const double>, std::span<const double>, std::span<double>);
extern template void convolve<std::int64_t>(const ConvolutionSizes&, std::span<const std::int64_t>,
                                            std::span<const std::int64_t>, std::span<const std::int64_t>,
                                            std::span<std::int64_t>);

} // namespace core::ops
