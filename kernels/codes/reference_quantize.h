#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// The code of type `type` at index i of a span of bytes.
[[nodiscard]] std::int32_t codeAt(std::span<const std::byte> codes, ElementType type, std::size_t i);
/// Stores a code (U8…S16: the low bits of value; S32; F32: the number).
void storeCode(std::span<std::byte> codes, ElementType type, std::size_t i, std::int32_t value);

/// saturate(roundHalfEven(x) + zeroPoint) for a number already divided by the scale. NaN gives the zero
/// point.
[[nodiscard]] std::int32_t codeOfScaled(double scaled, const QuantizedFormat& format);

/// The readable twin of quantizeLinear, value by value; the division is done in FP32 as ONNX asks.
void quantizeLinearReference(std::span<const float> src, const QuantizedFormat& format,
                             std::span<std::byte> dst);
/// The readable twin of dequantizeLinear.
void dequantizeLinearReference(std::span<const std::byte> src, const QuantizedFormat& format,
                               std::span<float> dst);

} // namespace kernels
