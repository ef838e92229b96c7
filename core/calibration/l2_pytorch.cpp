// The search of PyTorch's HistogramObserver (torch/ao/quantization/observer.py): 2048 bins over the range of
// the data, 256 cells whatever the bits, on the histogram that the observer merges sample by sample.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_search.h"
#include "core/calibration/pytorch_histogram.h"

namespace core {

namespace {

constexpr int kBins = 2048;
constexpr int kCells = 256;

Range searched(const FixedHistogram& histogram, const TensorStatistics& statistics)
{
    return histogram.counts.empty() || histogram.width == 0.0
        ? dataRange(statistics)
        : rangeOf(histogram, searchQuantileShrink(histogram, kCells).window);
}

class PytorchCollector : public Collector
{
public:
    void add(std::span<const float> values) override { m_histogram.add(values); }

    [[nodiscard]] Range range(const TensorStatistics& statistics, const CalibrationTarget&) const override
    {
        return searched(m_histogram.histogram(), statistics);
    }

    [[nodiscard]] std::size_t byteCount() const override { return sizeof(*this) + kBins * sizeof(double); }

private:
    PytorchHistogram m_histogram{kBins};
};

} // namespace

CalibrationMethodDefinition l2PytorchDefinition()
{
    return {
        .name = "l2:pytorch",
        .title = "L2 (PyTorch)",
        .help = "HistogramObserver: 2048 bins spread anew when the range grows, 256 cells whatever the bits, "
                "stops at "
                "the first increase",
        .choose =
            [](const TensorStatistics& statistics, const CalibrationTarget&, double) {
                return searched(rebinned(statistics, {statistics.total.min, statistics.total.max}, kBins),
                                statistics);
            },
        .collect = [](double) -> std::unique_ptr<Collector> { return std::make_unique<PytorchCollector>(); }};
}

} // namespace core
