#pragma once

#include <algorithm>
#include <cstdint>

namespace kernels {

/// When the zero point is added. They differ only at ties (and values next to one) with an odd zero point.
enum class RoundingOrder : std::uint8_t
{
    RoundThenAddZeroPoint, ///< z + round(x): ONNX, PyTorch, FBGEMM since 2026; DNNLOWP's matrix products
    AddZeroPointThenRound, ///< round(z + x): DNNLOWP's quantize, average pool
};

/// Saturation bounds.
struct CodeBounds
{
    std::int32_t lowest = 0;
    std::int32_t highest = 255;
};

[[nodiscard]] inline std::int32_t saturated(std::int64_t code, CodeBounds bounds)
{
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(code, bounds.lowest, bounds.highest));
}

/// saturate(x·(1/scale) rounded half to even, plus zeroPoint): multiplies by the float reciprocal, as FBGEMM
/// and PyTorch do, where ONNX divides; the two can differ at ties. NaN gives the zero point. Precondition:
/// scale > 0.
[[nodiscard]] std::int32_t quantizeByReciprocal(float x, float scale, std::int32_t zeroPoint,
                                                CodeBounds bounds, RoundingOrder order);

/// saturate(float(accumulator)·multiplier rounded half to even, plus zeroPoint). An accumulator above 2^24
/// loses its low bits before it is scaled.
[[nodiscard]] std::int32_t requantizeFloat(std::int32_t accumulator, float multiplier, std::int32_t zeroPoint,
                                           CodeBounds bounds, RoundingOrder order);

/// A real factor as multiplier·2^-shift; what `shift` counts differs between the forms.
struct FixedPointFactor
{
    std::int32_t multiplier = 0;
    int shift = 0;
    bool operator==(const FixedPointFactor&) const = default;
};

/// DNNLOWP: real = multiplier·2^-shift, multiplier of `precision` bits. Fault kept: the shift starts at 31
/// whatever the precision, so only precision 32 is right; others are wrong by 2^(32 − precision).
/// Precondition: real > 0.
[[nodiscard]] FixedPointFactor chooseDnnlowpFactor(float real, int precision = 32);
/// ((accumulator·multiplier + 2^(shift−1)) >> shift) + zeroPoint, saturated: half rounds up, toward +∞.
[[nodiscard]] std::int32_t requantizeDnnlowp(std::int32_t accumulator, FixedPointFactor factor,
                                             std::int32_t zeroPoint, CodeBounds bounds);

/// gemmlowp / TFLite: real = multiplier·2^-31·2^-shift with multiplier in [2^30, 2^31); shift < 0 shifts left
/// first.
[[nodiscard]] FixedPointFactor chooseGemmlowpFactor(double real);
/// Rounds twice: the doubled high product half up (toward +∞), the division by 2^shift half away from zero.
[[nodiscard]] std::int32_t requantizeGemmlowp(std::int32_t accumulator, FixedPointFactor factor,
                                              std::int32_t zeroPoint, CodeBounds bounds);

/// QNNPACK: the 24 bits of the float itself, so no rounding of the factor. Precondition: 2^-32 ≤ real < 1.
[[nodiscard]] FixedPointFactor chooseQnnpackFactor(float real);
/// Rounds twice: the product half up, the division by 2^shift half away from zero.
[[nodiscard]] std::int32_t requantizeQnnpack(std::int32_t accumulator, FixedPointFactor factor,
                                             std::int32_t zeroPoint, CodeBounds bounds);

} // namespace kernels
