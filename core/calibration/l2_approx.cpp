// DNNLOWP's L2_MIN_QUANTIZATION_APPROX (Caffe2's quantization server): the greedy quantile shrink that
// PyTorch's HistogramObserver took over. A symmetric request gets the full L2 search, as upstream.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"

namespace core {

CalibrationMethodDefinition l2ApproxDefinition()
{
    return {.name = "l2-approx",
            .title = "L2 approximation (DNNLOWP)",
            .help =
                "DNNLOWP's greedy quantile shrink; the first cut is always taken, the first increase ends it",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                if (target.scheme == Scheme::Symmetric) {
                    return chooseDnnlowpNorm(statistics, target, Norm::L2);
                }
                const FixedHistogram histogram = dnnlowpHistogram(statistics, target.bits);
                if (target.bits > kDnnlowpMostBits || dnnlowpKeepsAll(histogram, target.bits)) {
                    return dataRange(statistics);
                }
                return rangeOf(histogram, searchDnnlowpApprox(histogram, target.bits).window);
            }};
}

} // namespace core
