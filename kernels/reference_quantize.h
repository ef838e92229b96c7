#pragma once

#include "kernels/post_operation.h"
#include "kernels/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// What follows an integer accumulator, in double; activations as apply() computes them, in FP32:
/// r = activation(accumulator·scale + s_r·(residual[i] − z_r)); dst[i] = r, its code, or (S32) the
/// accumulator.
void storeRequantized(std::int64_t accumulator, double scale, std::span<const std::byte> residual,
                      const std::optional<QuantizedFormat>& residualFormat, const Activation& activation,
                      const QuantizedFormat& dstFormat, std::span<std::byte> dst, std::size_t i);

} // namespace kernels
