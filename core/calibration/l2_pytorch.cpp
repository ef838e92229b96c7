// The search of PyTorch's HistogramObserver (torch/ao/quantization/observer.py): 2048 bins over the range of
// the data, 256 cells whatever the bits. Its merging of batches, which depends on their order, is not
// repeated: ours loses no counts.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_search.h"

namespace core {

CalibrationMethodDefinition l2PytorchDefinition()
{
    return {
        .name = "l2:pytorch",
        .title = "L2 (PyTorch)",
        .help =
            "HistogramObserver's search: 2048 bins, 256 cells whatever the bits, stops at the first increase",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) {
            constexpr int kBins = 2048;
            constexpr int kCells = 256;
            const FixedHistogram histogram =
                rebinned(statistics, {statistics.total.min, statistics.total.max}, kBins);
            return histogram.width == 0.0
                ? dataRange(statistics)
                : rangeOf(histogram, searchQuantileShrink(histogram, kCells).window);
        }};
}

} // namespace core
