#include "core/calibration/dnnlowp_histogram.h"

#include "core/calibration/definitions.h"

#include <algorithm>

namespace core {

FixedHistogram dnnlowpHistogram(const TensorStatistics& statistics, int bits)
{
    const int bins = std::clamp(1 << (bits + 3), kDnnlowpFewestBins, kDnnlowpMostBins);
    return paddedToZero(rebinned(statistics, {statistics.total.min, statistics.total.max}, bins));
}

Range chooseDnnlowpNorm(const TensorStatistics& statistics, const CalibrationTarget& target, Norm norm)
{
    const FixedHistogram histogram = dnnlowpHistogram(statistics, target.bits);
    if (target.bits > kDnnlowpMostBits || dnnlowpKeepsAll(histogram, target.bits)) {
        return dataRange(statistics);
    }
    return rangeOf(histogram, searchDnnlowpNorm(histogram, target.bits, target.scheme, norm).window);
}

} // namespace core
