// ONNX Runtime's entropy calibration (onnxruntime/python/tools/quantization/calibrate.py), with 2048 bins and
// 128 levels; its collector grows the histogram sample by sample. Its own defaults, 128 bins and 128 levels,
// leave a single candidate, the full range: entropy asked for, min-max given. `entropy:ort:128` does just
// that, and is warned of.
#include "core/calibration/entropy_ort.h"
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/symmetric_histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr double kOrtBins = 2048.0;

class OrtCollector : public Collector
{
public:
    explicit OrtCollector(int bins)
        : m_histogram(bins)
    {
    }

    void add(std::span<const float> values) override { m_histogram.add(values); }

    [[nodiscard]] Range range(const TensorStatistics& statistics,
                              const CalibrationTarget& target) const override
    {
        return search(statistics, target).value_or(EntropyChoice{}).range;
    }

    [[nodiscard]] std::optional<EntropyChoice> search(const TensorStatistics& statistics,
                                                      const CalibrationTarget&) const override
    {
        return m_histogram.threshold() == 0.0
            ? std::nullopt
            : std::optional(searchOrtEntropy(m_histogram.histogram(), statistics, kOrtLevels));
    }

    [[nodiscard]] std::size_t byteCount() const override { return m_histogram.byteCount(); }

private:
    SymmetricHistogram m_histogram;
};

} // namespace

bool isDegenerateOrtEntropy(int bins, int levels) { return bins / 2 - levels / 2 + 1 <= 1; }

bool isDegenerateOrtEntropy(const CalibrationMethod& method)
{
    return method.name == "entropy:ort"
        && isDegenerateOrtEntropy(static_cast<int>(method.parameter.value_or(kOrtBins)), kOrtLevels);
}

std::string degenerateOrtWarning(const CalibrationMethod& method)
{
    return fmt::format("{}: as many bins as levels leave a single candidate, the full range: min-max by "
                       "another name, which is "
                       "what ONNX Runtime's defaults give; only samples wider than the first add candidates",
                       toString(method));
}

EntropyChoice searchOrtEntropy(const FixedHistogram& histogram, const TensorStatistics& statistics,
                               int levels)
{
    EntropyChoice choice = searchEntropy(histogram, levels, EntropyForm::Ort);
    choice.range = {std::max(choice.range.min, static_cast<double>(statistics.total.min)),
                    std::min(choice.range.max, static_cast<double>(statistics.total.max))};
    return choice;
}

EntropyChoice searchOrtEntropy(const TensorStatistics& statistics, int bins, int levels)
{
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    return searchOrtEntropy(rebinned(statistics, {-magnitude, magnitude}, bins), statistics, levels);
}

CalibrationMethodDefinition entropyOrtDefinition()
{
    return {
        .name = "entropy:ort",
        .title = "Entropy (ONNX Runtime)",
        .help =
            "ONNX Runtime's search with 128 levels on this many bins; its own default of 128 bins searches "
            "nothing and is min-max",
        .parameter = kOrtBins,
        .lowest = kOrtDefaultBins,
        .highest = 65536,
        .choose =
            [](const TensorStatistics& statistics, const CalibrationTarget&, double bins) {
                return statistics.histogram.isEmpty()
                    ? Range{}
                    : searchOrtEntropy(statistics, static_cast<int>(bins), kOrtLevels).range;
            },
        .collect = [](double bins) -> std::unique_ptr<Collector> {
            return std::make_unique<OrtCollector>(static_cast<int>(bins));
        },
        .isParameterQuiet = true};
}

} // namespace core
