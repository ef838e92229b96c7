// Percentile: keeps P percent of the values, zeros included. Two-sided data lose half of the rest on each
// side when the scheme is asymmetric (as DNNLOWP's P99 and ONNX Runtime's percentile calibrator split it),
// and by magnitude when it is symmetric. Which whole bins may go is decided on the growing histogram, so the
// threshold is exact to one bin.
#include "core/calibration/definitions.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr int kHalf = GrowingHistogram::kHalf;

struct Cut
{
    const TensorStatistics& statistics;

    [[nodiscard]] std::uint64_t count(int bin) const
    {
        return statistics.histogram.counts()[static_cast<std::size_t>(bin)];
    }

    /// Bins on one side (step +1 or −1 away from zero) that remain when at most `budget` values may go.
    template <typename CountAt>
    static int remainingBins(CountAt countAt, double budget)
    {
        double gone = 0.0;
        int bins = kHalf;
        while (bins > 0 && gone + static_cast<double>(countAt(bins - 1)) <= budget) {
            gone += static_cast<double>(countAt(bins - 1));
            --bins;
        }
        return bins;
    }
};

Range choose(const TensorStatistics& statistics, const CalibrationTarget& target, double percent)
{
    const Range whole = dataRange(statistics);
    if (statistics.histogram.isEmpty()) {
        return whole;
    }
    const Cut cut{statistics};
    const auto above = [&](int distance) { return cut.count(kHalf + distance); };
    const auto below = [&](int distance) { return cut.count(kHalf - 1 - distance); };
    const auto either = [&](int distance) { return above(distance) + below(distance); };

    const bool twoSided = whole.min < 0.0 && whole.max > 0.0;
    // A hair more than the product, which may round down: 0.01 % of 10,000 is one value.
    const double budget = static_cast<double>(statistics.total.count) * (100.0 - percent) / 100.0 + 1e-6;
    int up = 0;
    int down = 0;
    if (twoSided && target.scheme == Scheme::Symmetric) {
        up = down = Cut::remainingBins(either, budget);
    } else {
        const double perSide = twoSided ? budget / 2.0 : budget;
        up = Cut::remainingBins(above, perSide);
        down = Cut::remainingBins(below, perSide);
    }
    const double width = statistics.histogram.binWidth();
    const Range kept{std::max(whole.min, -down * width), std::min(whole.max, up * width)};
    // Almost everything is 0: keeping only that would leave no range at all.
    return kept.min == kept.max ? whole : kept;
}

} // namespace

CalibrationMethodDefinition percentileDefinition()
{
    return {.name = "percentile",
            .title = "Percentile",
            .help = "keeps this percentage of the values and clips the rest",
            .parameter = 99.99,
            .lowest = 50.0,
            .highest = 100.0,
            .choose = choose};
}

} // namespace core
