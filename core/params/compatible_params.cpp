#include "core/params/compatible_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>

namespace core {

namespace {

constexpr double kLargestInt32 = 2147483647.0;

double magnitudeOf(Range range) { return std::max(std::abs(range.min), std::abs(range.max)); }

} // namespace

QuantizationParams choosePowerOfTwoParams(Range range, Scheme scheme, int bits)
{
    QuantizationParams params = chooseActivationParams(range, scheme, bits);
    int exponent = 0;
    const float fraction =
        std::frexp(params.scale[0], &exponent); // scale = fraction·2^exponent, fraction in [0.5, 1)
    params.scale[0] = std::ldexp(1.0f, fraction == 0.5f ? exponent - 1 : std::min(exponent, 127));
    if (scheme == Scheme::Asymmetric) {
        const double zeroPoint =
            std::nearbyint(-std::min(range.min, 0.0) / static_cast<double>(params.scale[0]));
        params.zeroPoint[0] = static_cast<std::int32_t>(std::clamp(
            zeroPoint, static_cast<double>(params.codes.lowest), static_cast<double>(params.codes.highest)));
    }
    return params;
}

QuantizationParams choosePytorchParams(Range range, Scheme scheme, const PytorchObserverOptions& options)
{
    const double min = std::min(range.min, 0.0);
    const double max = std::max(range.max, 0.0);
    QuantizationParams params;
    params.type = options.isSigned ? DataType::Int8 : DataType::UInt8;
    params.bits = options.reduceRange ? 7 : 8;
    const int count = 1 << params.bits;
    params.codes = options.isSigned ? CodeRange{-count / 2, count / 2 - 1} : CodeRange{0, count - 1};
    const double span = count - 1.0;
    double step = scheme == Scheme::Symmetric ? std::max(-min, max) / (span / 2.0) : (max - min) / span;
    step = std::max(step, options.smallestStep);
    params.scale = {static_cast<float>(step)};
    if (scheme == Scheme::Symmetric) {
        params.zeroPoint = {options.isSigned ? 0 : count / 2};
    } else {
        const double zeroPoint =
            params.codes.lowest - std::nearbyint(min / static_cast<double>(params.scale[0]));
        params.zeroPoint = {static_cast<std::int32_t>(std::clamp(
            zeroPoint, static_cast<double>(params.codes.lowest), static_cast<double>(params.codes.highest)))};
    }
    return params;
}

double mxnetScale(Range range, bool isUnsigned)
{
    const double magnitude = magnitudeOf(range);
    return magnitude == 0.0 ? kLargestInt32 : (isUnsigned ? 255.5 : 127.5) / magnitude;
}

double mxnetRequantizeFactor(double accumulatorRange, double calibratedRange, bool isUnsigned)
{
    assert(calibratedRange > 0.0);
    return accumulatorRange / kLargestInt32 * (isUnsigned ? 255.0 : 127.0) / calibratedRange;
}

double mxnetWeightScaleLimit(double bias, double dataScale)
{
    return bias == 0.0 ? std::numeric_limits<double>::infinity()
                       : kLargestInt32 / 2.0 / std::abs(bias) / dataScale;
}

double mxnetStoredBound(double bound) { return std::stod(fmt::format("{:.6f}", bound)); }

} // namespace core
