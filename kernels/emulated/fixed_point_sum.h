#pragma once

#include "kernels/emulated/fixed_point.h"

#include <cstdint>

namespace kernels {

/// An accumulator and the code of a residual, less its zero point, rescaled to codes of the result by
/// integers and added: acc·m + d·m_r. What the factors count differs between the forms.
struct FixedPointSumFactors
{
    FixedPointFactor accumulator;
    FixedPointFactor residual;
    bool operator==(const FixedPointSumFactors&) const = default;
};

/// gemmlowp, as TFLite's quantized add: both terms are rescaled to units of 2^-20 of a code (each as
/// requantizeGemmlowp, so a term saturates at 1024 to 2048 codes, by the mantissa of its factor), added with
/// saturation and divided by 2^20, half away from zero. Preconditions: factors > 0 and finite.
[[nodiscard]] FixedPointSumFactors chooseGemmlowpSum(double accumulator, double residual);
[[nodiscard]] std::int32_t requantizeGemmlowpSum(std::int32_t accumulator, std::int32_t residual,
                                                 const FixedPointSumFactors& factors, std::int32_t zeroPoint,
                                                 CodeBounds bounds);

/// Which way a sum half between two codes goes.
enum class TieRule : std::uint8_t
{
    AwayFromZero, ///< QNNPACK
    Up, ///< DNNLOWP: toward +∞
};

/// QNNPACK's q8add and DNNLOWP with sums of 64 bits: multipliers with one shift, the larger of 31 bits, one
/// rounding. Precondition: 2^-32 ≤ the larger factor < 2^29.
[[nodiscard]] FixedPointSumFactors chooseCommonShiftSum(double accumulator, double residual);
[[nodiscard]] bool hasCommonShift(double accumulator, double residual);
[[nodiscard]] std::int32_t requantizeCommonShiftSum(std::int32_t accumulator, std::int32_t residual,
                                                    const FixedPointSumFactors& factors,
                                                    std::int32_t zeroPoint, CodeBounds bounds, TieRule ties);

} // namespace kernels
