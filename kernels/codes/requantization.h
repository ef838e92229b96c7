#pragma once

#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kernels {

/// How the accumulators of a convolution or matrix product become codes, in FP32 as ONNX Runtime's
/// QLinearConv orders it:
///
///   m[c] = (s_x·s_w[c]) / s_y          m_r = s_r / s_y
///   v    = fma(m_r, q_r − z_r, m[c]·float(acc + bias[c]))     the residual only where there is one
///   dst  = clamp(roundHalfEven(activation(v)) + z_y, lowest, highest)
///
/// None, Relu, Clip and LeakyRelu commute with 1/s_y, so v is in units of codes; Relu and Clip are bounds of
/// codes, because rounding and saturation are monotone. Of the others v is real (m = s_x·s_w[c], m_r = s_r)
/// and activation(v) is divided by `divisor` = s_y. F32 dst receives activation(v), v real, with no bound.
struct Requantization
{
    std::vector<float> multiplier; ///< m: one, or one per channel of dst
    float residualMultiplier = 0.0f; ///< m_r
    Activation activation; ///< None where bounds do its work
    float divisor = 1.0f;
    QuantizedFormat dst; ///< of the caller, lowest and highest narrowed by Relu or Clip
    std::optional<QuantizedFormat> residual;
};

/// accumulatorScale: s_x·s_w, one or one per channel of dst. dst: U8, S8, S32 (nothing is left to do) or F32.
[[nodiscard]] Requantization makeRequantization(std::span<const float> accumulatorScale,
                                                const QuantizedFormat& dst, const Activation& activation,
                                                const std::optional<QuantizedFormat>& residual);

/// The readable twin: one element of a span of dst. acc includes the bias. residualCode counts only where
/// there is a residual.
void storeRequantized(std::int64_t acc, float multiplier, std::int32_t residualCode,
                      const Requantization& how, std::span<std::byte> dst, std::size_t i);

} // namespace kernels
