#pragma once

#include "core/params/quantization_params.h"
#include "core/statistics/statistics.h"

#include <vector>

namespace core {

/// Bins of one width, as every ancestor's search has them. Bin i covers [lowest + i·width, lowest + (i +
/// 1)·width).
struct FixedHistogram
{
    double lowest = 0.0;
    double width = 1.0;
    std::vector<double> counts;

    [[nodiscard]] int bins() const { return static_cast<int>(counts.size()); }
    [[nodiscard]] double edge(int bin) const { return lowest + bin * width; }
    [[nodiscard]] double highest() const { return edge(bins()); }
    [[nodiscard]] double total() const;
};

/// The histogram of a tensor over [range.min, range.max] in that many bins. What a source bin holds is spread
/// evenly over the part of it that lies between the true extremes, so counts become fractions unless the bins
/// nest; the total is kept (what lies outside the range goes to the end bins). Exact zeros are added to the
/// bin of 0. A range without width puts everything into bin 0 and has width 0.
[[nodiscard]] FixedHistogram rebinned(const TensorStatistics& statistics, Range range, int bins);

/// The same counts with empty bins added until the range contains 0 (DNNLOWP). For positive data the new
/// lower end may lie slightly below 0. A histogram without width is returned as it is.
[[nodiscard]] FixedHistogram paddedToZero(FixedHistogram histogram);

} // namespace core
