#include "kernels/emulated/fixed_point.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace kernels {

namespace {

constexpr std::int64_t kTwo31 = std::int64_t{1} << 31;

std::int32_t roundedAndSaturated(float x, std::int32_t zeroPoint, CodeBounds bounds, RoundingOrder order)
{
    if (std::isnan(x)) {
        return saturated(zeroPoint, bounds);
    }
    // Both orders are float arithmetic until the end; the clamp is in double, where every code is exact.
    const double code = order == RoundingOrder::RoundThenAddZeroPoint
        ? static_cast<double>(std::nearbyint(x)) + zeroPoint
        : static_cast<double>(std::nearbyint(x + static_cast<float>(zeroPoint)));
    return static_cast<std::int32_t>(
        std::clamp(code, static_cast<double>(bounds.lowest), static_cast<double>(bounds.highest)));
}

/// x / 2^shift, half away from zero.
std::int32_t dividedByPowerOfTwo(std::int32_t x, int shift)
{
    const auto mask = static_cast<std::int32_t>((std::int64_t{1} << shift) - 1);
    const std::int32_t remainder = x & mask;
    const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> shift) + (remainder > threshold ? 1 : 0);
}

} // namespace

std::int32_t quantizeByReciprocal(float x, float scale, std::int32_t zeroPoint, CodeBounds bounds,
                                  RoundingOrder order)
{
    return roundedAndSaturated(x * (1.0f / scale), zeroPoint, bounds, order);
}

std::int32_t requantizeFloat(std::int32_t accumulator, float multiplier, std::int32_t zeroPoint,
                             CodeBounds bounds, RoundingOrder order)
{
    return roundedAndSaturated(static_cast<float>(accumulator) * multiplier, zeroPoint, bounds, order);
}

FixedPointFactor chooseDnnlowpFactor(float real, int precision)
{
    assert(real > 0.0f && std::isfinite(real));
    int shift = 31;
    while (real < 0.5f) {
        real *= 2.0f;
        ++shift;
    }
    while (real > 1.0f) {
        real /= 2.0f;
        --shift;
    }
    const std::int64_t one = std::int64_t{1} << (precision - 1);
    auto multiplier =
        static_cast<std::int64_t>(std::nearbyint(static_cast<double>(real) * static_cast<double>(one)));
    if (multiplier == one) {
        multiplier /= 2;
        --shift;
    }
    return {static_cast<std::int32_t>(multiplier), shift};
}

std::int32_t requantizeDnnlowp(std::int32_t accumulator, FixedPointFactor factor, std::int32_t zeroPoint,
                               CodeBounds bounds)
{
    assert(factor.shift >= 1 && factor.shift <= 62);
    const std::int64_t product = std::int64_t{accumulator} * factor.multiplier;
    return saturated(((product + (std::int64_t{1} << (factor.shift - 1))) >> factor.shift) + zeroPoint,
                     bounds);
}

FixedPointFactor chooseGemmlowpFactor(double real)
{
    assert(real > 0.0 && std::isfinite(real));
    int exponent = 0;
    const double fraction = std::frexp(real, &exponent); // in [0.5, 1)
    auto multiplier = static_cast<std::int64_t>(std::round(fraction * static_cast<double>(kTwo31)));
    if (multiplier == kTwo31) {
        multiplier /= 2;
        ++exponent;
    }
    return {static_cast<std::int32_t>(multiplier), -exponent};
}

std::int32_t requantizeGemmlowp(std::int32_t accumulator, FixedPointFactor factor, std::int32_t zeroPoint,
                                CodeBounds bounds)
{
    const int left = std::max(0, -factor.shift);
    const int right = std::max(0, factor.shift);
    if (right > 31) {
        return saturated(zeroPoint, bounds);
    }
    const std::int64_t shifted = std::clamp<std::int64_t>(
        std::int64_t{accumulator} * (std::int64_t{1} << std::min(left, 31)),
        std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    const std::int64_t product = shifted * factor.multiplier;
    // Division truncates toward zero; with this nudge it rounds to nearest, and -0.5 to 0.
    const std::int64_t nudge = product >= 0 ? kTwo31 / 2 : 1 - kTwo31 / 2;
    const auto high = static_cast<std::int32_t>((product + nudge) / kTwo31);
    return saturated(std::int64_t{dividedByPowerOfTwo(high, right)} + zeroPoint, bounds);
}

FixedPointFactor chooseQnnpackFactor(float real)
{
    assert(real >= std::ldexp(1.0f, -32) && real < 1.0f);
    const auto bits = std::bit_cast<std::uint32_t>(real);
    const std::uint32_t mantissa = (bits & 0x007FFFFFu) | 0x00800000u;
    return {static_cast<std::int32_t>(mantissa << 7), 126 - static_cast<int>(bits >> 23)};
}

std::int32_t requantizeQnnpack(std::int32_t accumulator, FixedPointFactor factor, std::int32_t zeroPoint,
                               CodeBounds bounds)
{
    const std::int64_t product = std::int64_t{accumulator} * factor.multiplier;
    const auto high = static_cast<std::int32_t>((product + kTwo31 / 2) >> 31);
    return saturated(std::int64_t{dividedByPowerOfTwo(high, factor.shift)} + zeroPoint, bounds);
}

} // namespace kernels
