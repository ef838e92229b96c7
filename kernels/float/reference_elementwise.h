#pragma once

#include "kernels/float/elementwise.h"

#include <cstddef>
#include <span>

namespace kernels {

/// Readable twins of binary(), activate() and softmax(); quantized operands in double.
void binaryReference(BinaryOperation operation, std::span<const float> a, std::span<const float> b,
                     std::span<float> dst, const Activation& activation = {});
void binaryReference(BinaryOperation operation, std::span<const std::byte> a, const QuantizedFormat& aFormat,
                     std::span<const std::byte> b, const QuantizedFormat& bFormat, std::span<std::byte> dst,
                     const QuantizedFormat& dstFormat, const Activation& activation = {});
void softmaxReference(std::span<const float> src, std::int64_t outer, std::int64_t n, std::int64_t inner,
                      std::span<float> dst);

} // namespace kernels
