#include "kernels/emulated/fixed_point_sum.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace kernels {

namespace {

constexpr int kFraction = 20; // bits below a code in TFLite's add
constexpr CodeBounds kAll{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};

/// x / 2^shift, ties as told.
std::int64_t divided(std::int64_t x, int shift, TieRule ties)
{
    const std::int64_t half = std::int64_t{1} << (shift - 1);
    const bool isDown = ties == TieRule::AwayFromZero && x < 0;
    return (x + half - (isDown ? 1 : 0)) >> shift;
}

} // namespace

FixedPointSumFactors chooseGemmlowpSum(double accumulator, double residual)
{
    return {chooseGemmlowpFactor(std::ldexp(accumulator, kFraction)),
            chooseGemmlowpFactor(std::ldexp(residual, kFraction))};
}

std::int32_t requantizeGemmlowpSum(std::int32_t accumulator, std::int32_t residual,
                                   const FixedPointSumFactors& factors, std::int32_t zeroPoint,
                                   CodeBounds bounds)
{
    const std::int64_t sum = std::int64_t{requantizeGemmlowp(accumulator, factors.accumulator, 0, kAll)}
        + requantizeGemmlowp(residual, factors.residual, 0, kAll);
    return saturated(divided(saturated(sum, kAll), kFraction, TieRule::AwayFromZero) + zeroPoint, bounds);
}

bool hasCommonShift(double accumulator, double residual)
{
    const double larger = std::max(accumulator, residual);
    return larger >= std::ldexp(1.0, -32) && larger < std::ldexp(1.0, 29);
}

FixedPointSumFactors chooseCommonShiftSum(double accumulator, double residual)
{
    assert(hasCommonShift(accumulator, residual));
    int exponent = 0;
    (void)std::frexp(std::max(accumulator, residual), &exponent); // in [2^(exponent−1), 2^exponent)
    const int shift = 31 - exponent;
    const auto multiplier = [&](double factor) {
        // Rounded up to 2^31 it would not fit: the largest that does is 2^-31 less.
        const double most = std::numeric_limits<std::int32_t>::max();
        return static_cast<std::int32_t>(std::min(most, std::nearbyint(std::ldexp(factor, shift))));
    };
    return {{multiplier(accumulator), shift}, {multiplier(residual), shift}};
}

std::int32_t requantizeCommonShiftSum(std::int32_t accumulator, std::int32_t residual,
                                      const FixedPointSumFactors& factors, std::int32_t zeroPoint,
                                      CodeBounds bounds, TieRule ties)
{
    const std::int64_t sum = std::int64_t{accumulator} * factors.accumulator.multiplier
        + std::int64_t{residual} * factors.residual.multiplier;
    // A shift beyond 62 bits leaves nothing but the sign, which rounds to 0.
    const int shift = factors.accumulator.shift;
    return saturated((shift > 62 ? 0 : divided(sum, shift, ties)) + zeroPoint, bounds);
}

} // namespace kernels
