// MXNet's entropy calibration: its final search (1.6 and later) on the histogram that its collector grows
// sample by sample, and the one it began with (pull request 9552, 1.2), which had all values in memory and
// looked at 8001 bins over ±max|x|. Exact zeros are included: a spike at zero pulls the threshold in.
#include "core/calibration/entropy_choice.h"

#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/entropy_ort.h"
#include "core/calibration/symmetric_histogram.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr std::string_view kMxnetName = "entropy:mxnet";
constexpr std::string_view kMxnetFirstName = "entropy:mxnet-pr9552";
constexpr double kMxnetBins = 8001.0;

constexpr double kFewestMxnetBins = 255.0; // as many as levels: nothing is searched

/// Odd, so that one bin is centred on zero.
int oddBins(double bins) { return static_cast<int>(bins) | 1; }

int mxnetLevels(const CalibrationTarget& target) { return (1 << std::min(target.bits, 8)) - 1; }

FixedHistogram wholeHistogram(const TensorStatistics& statistics, double bins)
{
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    return rebinned(statistics, {-magnitude, magnitude}, oddBins(bins));
}

class MxnetCollector : public Collector
{
public:
    explicit MxnetCollector(double bins)
        : m_histogram(oddBins(bins))
    {
    }

    void add(std::span<const float> values) override { m_histogram.add(values); }

    [[nodiscard]] Range range(const TensorStatistics& statistics,
                              const CalibrationTarget& target) const override
    {
        return search(statistics, target).value_or(EntropyChoice{}).range;
    }

    [[nodiscard]] std::optional<EntropyChoice> search(const TensorStatistics& statistics,
                                                      const CalibrationTarget& target) const override
    {
        return m_histogram.threshold() == 0.0
            ? std::nullopt
            : std::optional(searchMxnetEntropy(m_histogram.histogram(), statistics, target));
    }

    [[nodiscard]] std::size_t byteCount() const override { return m_histogram.byteCount(); }

private:
    SymmetricHistogram m_histogram;
};

EntropyChoice wholeSearch(const TensorStatistics& statistics, const CalibrationTarget& target, double bins)
{
    return searchMxnetEntropy(wholeHistogram(statistics, bins), statistics, target);
}

EntropyChoice firstSearch(const TensorStatistics& statistics, const CalibrationTarget& target, double bins)
{
    EntropyChoice choice =
        searchEntropy(wholeHistogram(statistics, bins), mxnetLevels(target), EntropyForm::MxnetPr9552);
    choice.range.min = -choice.range.max;
    return choice;
}

} // namespace

/// Twice the levels for non-negative data: the histogram is symmetric and only its right half is in use.
EntropyChoice searchMxnetEntropy(const FixedHistogram& histogram, const TensorStatistics& statistics,
                                 const CalibrationTarget& target)
{
    const bool oneSided = statistics.total.min >= 0.0f;
    const int levels = oneSided ? 2 * mxnetLevels(target) + 1 : mxnetLevels(target);
    EntropyChoice choice = searchEntropy(histogram, levels, EntropyForm::Mxnet);
    choice.range.min = oneSided ? 0.0 : -choice.range.max;
    return choice;
}

std::optional<EntropyChoice> entropyChoiceOf(const TensorStatistics& statistics,
                                             const CalibrationMethod& method, const CalibrationTarget& target)
{
    const auto collected = statistics.collected.find(toString(method));
    if (collected != statistics.collected.end()) {
        return collected->second->search(statistics, target);
    }
    if (statistics.histogram.isEmpty()) {
        return std::nullopt;
    }
    const auto* const definition = findCalibrationMethod(method.name);
    const double bins = method.parameter.value_or(definition ? definition->parameter.value_or(0.0) : 0.0);
    if (method.name == kMxnetName) {
        return wholeSearch(statistics, target, bins);
    }
    if (method.name == kMxnetFirstName) {
        return firstSearch(statistics, target, bins);
    }
    if (method.name == "entropy:ort") {
        return searchOrtEntropy(statistics, static_cast<int>(bins), kOrtLevels);
    }
    return std::nullopt;
}

CalibrationMethodDefinition entropyMxnetDefinition()
{
    return {.name = kMxnetName,
            .title = "Entropy (MXNet)",
            .help =
                "MXNet's final search: this many bins (odd, else one more; 8001 there) as wide as the first "
                "sample says, 255 levels, 511 for non-negative data; zeros count",
            .parameter = kMxnetBins,
            .lowest = kFewestMxnetBins,
            .highest = 65535,
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target,
                         double bins) -> Range {
                return statistics.histogram.isEmpty() ? Range{} : wholeSearch(statistics, target, bins).range;
            },
            .collect = [](double bins) -> std::unique_ptr<Collector> {
                return std::make_unique<MxnetCollector>(bins);
            },
            .isParameterQuiet = true};
}

CalibrationMethodDefinition entropyMxnetPr9552Definition()
{
    return {.name = kMxnetFirstName,
            .title = "Entropy (MXNet 1.2)",
            .help =
                "MXNet's first search: this many bins (odd, else one more; 8001 there), 255 levels, always "
                "symmetric; the last bin of a window is lost",
            .parameter = kMxnetBins,
            .lowest = kFewestMxnetBins,
            .highest = 65535,
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target,
                         double bins) -> Range {
                return statistics.histogram.isEmpty() ? Range{} : firstSearch(statistics, target, bins).range;
            },
            .isParameterQuiet = true};
}

} // namespace core
