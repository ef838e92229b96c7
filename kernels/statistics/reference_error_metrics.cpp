#include "kernels/statistics/reference_error_metrics.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cmath>

namespace kernels {

ErrorSums compareReference(std::span<const float> y, std::span<const float> approximation,
                           ChannelLayout layout)
{
    ErrorSums sums;
    sums.squaredError.assign(layout.channels, 0.0);
    sums.squaredReference.assign(layout.channels, 0.0);
    sums.count = y.size();
    for (std::size_t i = 0; i < y.size(); ++i) {
        const auto c = i / layout.stride % layout.channels;
        const double exact = static_cast<double>(y[i]);
        const double near = static_cast<double>(approximation[i]);
        sums.squaredError[c] += (exact - near) * (exact - near);
        sums.squaredReference[c] += exact * exact;
        sums.dotProduct += exact * near;
        sums.squaredApproximation += near * near;
        sums.maxAbsError = std::max(sums.maxAbsError, std::abs(exact - near));
    }
    return sums;
}

QuantizationSplit splitQuantizationReference(std::span<const float> y, const QuantizedFormat& format)
{
    QuantizationSplit split;
    const double scale = static_cast<double>(format.scale);
    for (const float value : y) {
        const double inside =
            std::clamp(static_cast<double>(value), scale * (format.lowest - format.zeroPoint),
                       scale * (format.highest - format.zeroPoint));
        const float scaled = value / format.scale;
        const auto code = codeOfScaled(static_cast<double>(scaled), format) - format.zeroPoint;
        const double quantized = scale * code;
        const double clip = static_cast<double>(value) - inside;
        const double round = inside - quantized;
        split.squaredClip += clip * clip;
        split.squaredRound += round * round;
        split.cross += 2.0 * clip * round;
        split.clipped += std::nearbyint(static_cast<double>(scaled)) != code ? 1 : 0;
        ++split.count;
    }
    return split;
}

} // namespace kernels
