// MXNet's entropy calibration: its final search (1.6 and later) on the histogram that its collector grows
// sample by sample, and the one it began with (pull request 9552, 1.2), which had all values in memory and
// looked at 8001 bins over ±max|x|. Exact zeros are included: a spike at zero pulls the threshold in.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/entropy_search.h"
#include "core/calibration/symmetric_histogram.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr int kMxnetBins = 8001; // odd, so that one bin is centred on zero

int levelsOf(const CalibrationTarget& target) { return (1 << std::min(target.bits, 8)) - 1; }

FixedHistogram wholeHistogram(const TensorStatistics& statistics)
{
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    return rebinned(statistics, {-magnitude, magnitude}, kMxnetBins);
}

/// Twice the levels for non-negative data: the histogram is symmetric and only its right half is in use.
Range finalForm(const FixedHistogram& histogram, const TensorStatistics& statistics,
                const CalibrationTarget& target)
{
    const bool oneSided = statistics.total.min >= 0.0f;
    const int levels = oneSided ? 2 * levelsOf(target) + 1 : levelsOf(target);
    const double threshold = searchEntropy(histogram, levels, EntropyForm::Mxnet).range.max;
    return {oneSided ? 0.0 : -threshold, threshold};
}

class MxnetCollector : public Collector
{
public:
    void add(std::span<const float> values) override { m_histogram.add(values); }

    [[nodiscard]] Range range(const TensorStatistics& statistics,
                              const CalibrationTarget& target) const override
    {
        return m_histogram.threshold() == 0.0 ? Range{}
                                              : finalForm(m_histogram.histogram(), statistics, target);
    }

    [[nodiscard]] std::size_t byteCount() const override { return m_histogram.byteCount(); }

private:
    SymmetricHistogram m_histogram{kMxnetBins};
};

} // namespace

CalibrationMethodDefinition entropyMxnetDefinition()
{
    return {
        .name = "entropy:mxnet",
        .title = "Entropy (MXNet)",
        .help = "MXNet's final search: 8001 bins as wide as the first sample says, 255 levels, 511 for "
                "non-negative "
                "data; zeros count",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) -> Range {
            return statistics.histogram.isEmpty() ? Range{}
                                                  : finalForm(wholeHistogram(statistics), statistics, target);
        },
        .collect = [](double) -> std::unique_ptr<Collector> { return std::make_unique<MxnetCollector>(); }};
}

CalibrationMethodDefinition entropyMxnetPr9552Definition()
{
    return {
        .name = "entropy:mxnet-pr9552",
        .title = "Entropy (MXNet 1.2)",
        .help =
            "MXNet's first search: 8001 bins, 255 levels, always symmetric; the last bin of a window is lost",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) -> Range {
            if (statistics.histogram.isEmpty()) {
                return {};
            }
            const double threshold =
                searchEntropy(wholeHistogram(statistics), levelsOf(target), EntropyForm::MxnetPr9552)
                    .range.max;
            return {-threshold, threshold};
        }};
}

} // namespace core
