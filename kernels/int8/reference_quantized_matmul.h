#pragma once

#include "kernels/int8/quantized_matmul.h"

#include <cstddef>
#include <span>

namespace kernels {

/// The readable twin of QuantizedMatMul: accumulators in int64, everything after them in double.
/// b: the codes, also where the spec holds them.
void quantizedMatMulReference(const QuantizedMatMulSpec& spec, std::span<const std::byte> a,
                              std::span<const std::byte> b, std::span<const std::byte> residual,
                              std::span<std::byte> dst);

} // namespace kernels
