#pragma once

#include "kernels/shape/matmul_shape.h"
#include "kernels/shape/post_operation.h"

#include <span>

namespace kernels {

/// The readable twin of FloatMatMul: accumulators in double. residual empty = none.
void matMulReference(const MatMulShape& shape, std::span<const float> a, std::span<const float> b,
                     std::span<const float> bias, const Activation& activation,
                     std::span<const float> residual, std::span<float> dst);

} // namespace kernels
