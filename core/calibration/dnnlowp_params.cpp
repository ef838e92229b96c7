// Order and types of the steps follow FBGEMM's ChooseQuantizationParams, because each of them rounds.
#include "core/calibration/dnnlowp_params.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace core {

namespace {

float roundedUpToPowerOfTwo(float scale)
{
    const double exponent = scale < 1.0f ? -std::floor(std::log2(1.0 / scale)) : std::ceil(std::log2(scale));
    return static_cast<float>(std::exp2(exponent));
}

} // namespace

CodeRange dnnlowpCodes(int precision) { return {0, (1 << precision) - 1}; }

DnnlowpParams chooseDnnlowpParams(float min, float max, CodeRange codes, const DnnlowpOptions& options)
{
    const bool centred = options.symmetric && min < 0.0f && max > 0.0f;
    const int span = codes.highest - codes.lowest;
    if (centred) {
        const int low = -(span / 2 + 1);
        const int high = span / 2;
        const double magnitude =
            std::max(std::abs(static_cast<double>(min) / low), std::abs(static_cast<double>(max) / high));
        min = static_cast<float>(magnitude * low);
        max = static_cast<float>(magnitude * high);
    }
    min = std::min(min, 0.0f);
    max = std::max(max, 0.0f);

    auto scale = static_cast<float>((static_cast<double>(max) - min) / span);
    if (scale == 0.0f || std::isinf(1.0f / scale)) {
        scale = 0.1f;
    }
    if (options.powerOfTwoScale) {
        scale = roundedUpToPowerOfTwo(scale);
    }
    if (options.cutSmallScales && scale < kDnnlowpSmallestScale) {
        const float before = scale;
        scale = kDnnlowpSmallestScale;
        if (min == 0.0f) {
            max = scale * static_cast<float>(span);
        } else if (max == 0.0f) {
            min = -scale * static_cast<float>(span);
        } else {
            const float wider = scale / before;
            min *= wider;
            max *= wider;
        }
    }

    // The end of the range whose zero point suffers less from cancellation decides.
    const double fromMin = codes.lowest - min / static_cast<double>(scale);
    const double fromMax = codes.highest - max / static_cast<double>(scale);
    const double errorFromMin = std::abs(codes.lowest) + std::abs(min / static_cast<double>(scale));
    const double errorFromMax = std::abs(codes.highest) + std::abs(max / static_cast<double>(scale));
    double zeroPoint = errorFromMin < errorFromMax ? fromMin : fromMax;
    if (centred) {
        zeroPoint = (static_cast<double>(codes.lowest) + codes.highest) / 2.0;
    }
    DnnlowpParams params;
    params.scale = scale;
    params.precision = std::bit_width(static_cast<unsigned>(span));
    params.zeroPoint = zeroPoint < codes.lowest ? codes.lowest
        : zeroPoint > codes.highest             ? codes.highest
                                                : static_cast<std::int32_t>(std::nearbyint(zeroPoint));
    return params;
}

} // namespace core
