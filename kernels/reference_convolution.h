#pragma once

#include "kernels/convolution_shape.h"
#include "kernels/post_operation.h"
#include "kernels/quantized_convolution.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// The readable twin of FloatConvolution: plain loops, accumulators in double, one rounding to FP32 at the
/// end. residual empty = none.
void convolutionReference(const ConvolutionShape& shape, std::span<const float> src,
                          std::span<const float> weights, std::span<const float> bias,
                          const Activation& activation, std::span<const float> residual,
                          std::span<float> dst);

/// acc = Σ (q_x − z_x)·(q_w − z_w[c]) of every element of dst, channels-last, in int64; no bias.
[[nodiscard]] std::vector<std::int64_t> accumulatorsReference(const QuantizedConvolutionSpec& spec,
                                                              std::span<const std::byte> src);

/// The readable twin of QuantizedConvolution: accumulators in int64, then
/// storeRequantized.
void quantizedConvolutionReference(const QuantizedConvolutionSpec& spec, std::span<const std::byte> src,
                                   std::span<const std::byte> residual, std::span<std::byte> dst);

} // namespace kernels
