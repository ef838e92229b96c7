// PaddlePaddle INT8v2: the KL search of mkldnn_quantizer (2019 to 2022), whose faults leave it without a
// choice for almost any real tensor: an empty bin makes 0·ln 0 = NaN, which no comparison accepts. Paddle has
// since replaced it by the maximum (max-ch). It looks at exactly one warm-up batch, by default of one sample:
// here the first.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/paddle_search.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr int kPaddleBins = 2048;

Range chosen(const FixedHistogram& histogram, double min, double max)
{
    const bool isPositive = min >= 0.0;
    const double threshold = searchPaddle(histogram, isPositive, min, max).threshold;
    return {isPositive ? 0.0 : -threshold, threshold};
}

Range spanOf(double min, double max)
{
    const double magnitude = std::max(std::abs(min), std::abs(max));
    return min >= 0.0 ? Range{min, max} : Range{-magnitude, magnitude};
}

class PaddleCollector : public Collector
{
public:
    void add(std::span<const float> values) override
    {
        if (values.empty() || !m_histogram.counts.empty()) {
            return;
        }
        const auto [low, high] = std::ranges::minmax(values);
        m_min = low;
        m_max = high;
        const Range span = spanOf(m_min, m_max);
        m_histogram = {span.min, (span.max - span.min) / kPaddleBins, std::vector<double>(kPaddleBins)};
        for (const float v : values) {
            const double bin = m_histogram.width > 0.0 ? std::floor((v - span.min) / m_histogram.width) : 0.0;
            ++m_histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0.0, kPaddleBins - 1.0))];
        }
    }

    [[nodiscard]] Range range(const TensorStatistics& statistics, const CalibrationTarget&) const override
    {
        return m_histogram.counts.empty() || m_histogram.width == 0.0 ? dataRange(statistics)
                                                                      : chosen(m_histogram, m_min, m_max);
    }

    [[nodiscard]] std::size_t byteCount() const override
    {
        return sizeof(*this) + kPaddleBins * sizeof(double);
    }

private:
    double m_min = 0.0;
    double m_max = 0.0;
    FixedHistogram m_histogram;
};

} // namespace

CalibrationMethodDefinition entropyPaddleDefinition()
{
    return {
        .name = "entropy:paddle",
        .title = "Entropy (Paddle)",
        .help = "Paddle's KL with its defect, on the first sample only: an empty bin makes a candidate NaN, "
                "so it "
                "ends where it starts, 0.7·max or beyond max|x|",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) -> Range {
            const FixedHistogram histogram =
                rebinned(statistics, spanOf(statistics.total.min, statistics.total.max), kPaddleBins);
            return histogram.width == 0.0 ? dataRange(statistics)
                                          : chosen(histogram, statistics.total.min, statistics.total.max);
        },
        .collect = [](double) -> std::unique_ptr<Collector> { return std::make_unique<PaddleCollector>(); }};
}

} // namespace core
