#include "core/calibration/bin_values.h"
#include "core/calibration/method.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace core {

double QuantizationCost::sqnrDb() const
{
    const double total = totalSquared();
    return total > 0.0 ? 10.0 * std::log10(signalSquared / total) : std::numeric_limits<double>::infinity();
}

QuantizationCost quantizationCost(const TensorStatistics& statistics, const QuantizationParams& params)
{
    assert(!params.isPerChannel());
    QuantizationCost cost;
    const Range range = params.range();
    const double scale = params.scale[0];
    const double zeroPoint = params.zeroPoint[0];
    double clippedCount = 0.0;
    for (const BinValue& bin : binValues(statistics)) {
        const double kept = std::clamp(bin.value, range.min, range.max);
        const double code =
            std::clamp(std::nearbyint(kept / scale) + zeroPoint, static_cast<double>(params.codes.lowest),
                       static_cast<double>(params.codes.highest));
        const double clip = bin.value - kept;
        const double round = kept - scale * (code - zeroPoint);
        cost.clipSquared += bin.count * clip * clip;
        cost.roundSquared += bin.count * round * round;
        cost.cross += 2.0 * bin.count * clip * round;
        cost.signalSquared += bin.count * bin.value * bin.value;
        clippedCount += clip != 0.0 ? bin.count : 0.0;
    }
    if (statistics.total.count > 0) {
        cost.clippedShare = clippedCount / static_cast<double>(statistics.total.count);
    }
    return cost;
}

} // namespace core
