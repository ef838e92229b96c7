#include "core/calibration/bin_values.h"

#include <algorithm>

namespace core {

std::vector<BinValue> binValues(const TensorStatistics& statistics)
{
    std::vector<BinValue> values;
    const GrowingHistogram& histogram = statistics.histogram;
    const double width = histogram.binWidth();
    for (int bin = 0; bin < static_cast<int>(histogram.counts().size()); ++bin) {
        const std::uint64_t count = histogram.counts()[static_cast<std::size_t>(bin)];
        if (count > 0) {
            // A constant tensor lies at one edge of its bin: its centre would invent an error.
            const double value =
                std::clamp(histogram.lowerEdge(bin) + 0.5 * width, static_cast<double>(statistics.total.min),
                           static_cast<double>(statistics.total.max));
            values.push_back({bin, value, static_cast<double>(count)});
        }
    }
    return values;
}

} // namespace core
