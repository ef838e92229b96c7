#include "core/params/quantization_params.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace core {

namespace {

/// The float nearest to the real scale, kept where its reciprocal is finite and where it is finite itself.
float usableScale(double scale)
{
    return std::clamp(static_cast<float>(scale), kSmallestScale, std::numeric_limits<float>::max());
}

} // namespace

Range QuantizationParams::range(std::size_t c) const
{
    assert(c < scale.size() && c < zeroPoint.size());
    const double s = scale[c];
    return {s * (static_cast<double>(codes.lowest) - zeroPoint[c]),
            s * (static_cast<double>(codes.highest) - zeroPoint[c])};
}

QuantizationParams chooseActivationParams(Range range, Scheme scheme, int bits)
{
    assert(std::isfinite(range.min) && std::isfinite(range.max) && range.min <= range.max);
    assert(bits >= 2 && bits <= 16);
    const double min = std::min(range.min, 0.0);
    const double max = std::max(range.max, 0.0);

    QuantizationParams params;
    params.bits = bits;
    if (scheme == Scheme::Symmetric) {
        const int highest = (1 << (bits - 1)) - 1;
        params.type = bits <= 8 ? DataType::Int8 : DataType::Int16;
        params.codes = {-highest, highest};
        params.scale = {min == max ? 1.0f : usableScale(std::max(-min, max) / highest)};
        params.zeroPoint = {0};
        return params;
    }
    const int highest = (1 << bits) - 1;
    params.type = bits <= 8 ? DataType::UInt8 : DataType::UInt16;
    params.codes = {0, highest};
    if (min == max) {
        params.scale = {1.0f};
        params.zeroPoint = {0};
        return params;
    }
    params.scale = {usableScale((max - min) / highest)};
    // nearbyint: half to even in the default rounding mode.
    const double zeroPoint = std::nearbyint(-min / static_cast<double>(params.scale[0]));
    params.zeroPoint = {static_cast<std::int32_t>(std::clamp(zeroPoint, 0.0, static_cast<double>(highest)))};
    return params;
}

} // namespace core
