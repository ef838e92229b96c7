#pragma once

#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/post_operation.h"

#include <span>

namespace kernels {

/// The readable twin of FloatConvolution: plain loops, accumulators in double, one rounding to FP32 at the
/// end. residual empty = none.
void convolutionReference(const ConvolutionShape& shape, std::span<const float> src,
                          std::span<const float> weights, std::span<const float> bias,
                          const Activation& activation, std::span<const float> residual,
                          std::span<float> dst);

} // namespace kernels
