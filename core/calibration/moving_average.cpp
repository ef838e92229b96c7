// Moving average of the extremes, sample by sample: PyTorch's MovingAverageMinMaxObserver
// (torch/ao/quantization/observer.py). The first sample sets minimum and maximum m; then m ← m + c·(sample −
// m), in float as there. Depends on the order of the samples: late ones weigh most while c is large, the
// first one for long while it is small.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"

#include <algorithm>

namespace core {

namespace {

class MovingAverage : public Collector
{
public:
    explicit MovingAverage(double share)
        : m_share(static_cast<float>(share))
    {
    }

    void add(std::span<const float> values) override
    {
        if (values.empty()) {
            return;
        }
        const auto [low, high] = std::ranges::minmax(values);
        m_min = m_isFirst ? low : m_min + m_share * (low - m_min);
        m_max = m_isFirst ? high : m_max + m_share * (high - m_max);
        m_isFirst = false;
    }

    [[nodiscard]] Range range(const TensorStatistics&, const CalibrationTarget&) const override
    {
        return {m_min, m_max};
    }

    [[nodiscard]] std::size_t byteCount() const override { return sizeof(*this); }

private:
    float m_share;
    float m_min = 0.0f;
    float m_max = 0.0f;
    bool m_isFirst = true;
};

} // namespace

CalibrationMethodDefinition movingAverageDefinition()
{
    return {.name = "moving-average",
            .title = "Moving average (PyTorch)",
            .help = "minimum and maximum follow each sample by this share; the order of the samples matters",
            .parameter = 0.01,
            .lowest = 1e-6,
            .highest = 1.0,
            .collect = [](double share) -> std::unique_ptr<Collector> {
                return std::make_unique<MovingAverage>(share);
            }};
}

} // namespace core
