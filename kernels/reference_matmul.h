#pragma once

#include "kernels/matmul_shape.h"
#include "kernels/post_operation.h"
#include "kernels/quantized_matmul.h"

#include <cstddef>
#include <span>

namespace kernels {

/// The readable twin of FloatMatMul: accumulators in double. residual empty = none.
void matMulReference(const MatMulShape& shape, std::span<const float> a, std::span<const float> b,
                     std::span<const float> bias, const Activation& activation,
                     std::span<const float> residual, std::span<float> dst);

/// The readable twin of QuantizedMatMul: accumulators in int64, everything after them in double.
/// b: the codes, also where the spec holds them.
void quantizedMatMulReference(const QuantizedMatMulSpec& spec, std::span<const std::byte> a,
                              std::span<const std::byte> b, std::span<const std::byte> residual,
                              std::span<std::byte> dst);

} // namespace kernels
