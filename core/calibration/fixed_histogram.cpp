#include "core/calibration/fixed_histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

std::size_t binOf(const FixedHistogram& histogram, double value)
{
    const double bin = std::floor((value - histogram.lowest) / histogram.width);
    return static_cast<std::size_t>(std::clamp(bin, 0.0, histogram.bins() - 1.0));
}

/// Adds `count` values that lie evenly between two points.
void addSpread(FixedHistogram& histogram, double from, double to, double count)
{
    const std::size_t first = binOf(histogram, from);
    // The upper end belongs to the bin below an edge.
    const std::size_t last = std::max(first, binOf(histogram, std::nextafter(to, from)));
    if (first == last) {
        histogram.counts[first] += count;
        return;
    }
    double given = 0.0;
    for (std::size_t bin = first; bin < last; ++bin) {
        const double upTo =
            std::clamp((histogram.edge(static_cast<int>(bin) + 1) - from) / (to - from), 0.0, 1.0) * count;
        histogram.counts[bin] += upTo - given;
        given = upTo;
    }
    histogram.counts[last] += count - given;
}

} // namespace

double FixedHistogram::total() const { return std::accumulate(counts.begin(), counts.end(), 0.0); }

FixedHistogram rebinned(const TensorStatistics& statistics, Range range, int bins)
{
    FixedHistogram result{range.min, (range.max - range.min) / bins,
                          std::vector<double>(static_cast<std::size_t>(bins))};
    if (!(result.width > 0.0)) {
        result.width = 0.0;
        result.counts[0] = static_cast<double>(statistics.total.count);
        return result;
    }
    const GrowingHistogram& source = statistics.histogram;
    for (int bin = 0; bin < static_cast<int>(source.counts().size()); ++bin) {
        const auto count = static_cast<double>(source.counts()[static_cast<std::size_t>(bin)]);
        if (count > 0.0) {
            const double from = std::max(source.lowerEdge(bin), static_cast<double>(statistics.total.min));
            const double to = std::min(source.lowerEdge(bin + 1), static_cast<double>(statistics.total.max));
            addSpread(result, from, std::max(from, to), count);
        }
    }
    if (statistics.total.zeros > 0) {
        result.counts[binOf(result, 0.0)] += static_cast<double>(statistics.total.zeros);
    }
    return result;
}

FixedHistogram paddedToZero(FixedHistogram histogram)
{
    if (histogram.width <= 0.0) {
        return histogram;
    }
    if (histogram.lowest > 0.0) {
        const double bins = std::ceil(histogram.lowest / histogram.width);
        histogram.counts.insert(histogram.counts.begin(), static_cast<std::size_t>(bins), 0.0);
        histogram.lowest -= bins * histogram.width;
    } else if (histogram.highest() < 0.0) {
        const double bins = std::ceil(-histogram.highest() / histogram.width);
        histogram.counts.insert(histogram.counts.end(), static_cast<std::size_t>(bins), 0.0);
    }
    return histogram;
}

} // namespace core
