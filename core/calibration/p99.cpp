// DNNLOWP's P99_QUANTIZATION (Caffe2's quantization server, p99): percentile by whole bins, half of the rest
// cut on each side even where one side is empty. Upstream throws for a single value away from zero; here it
// keeps it.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"

namespace core {

CalibrationMethodDefinition p99Definition()
{
    return {
        .name = "p99",
        .title = "P99 (DNNLOWP)",
        .help =
            "keeps this share of the values, half of the rest cut on each side even where one side is empty",
        .parameter = 0.99,
        .lowest = 0.5,
        .highest = 1.0,
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double share) {
            const FixedHistogram histogram = dnnlowpHistogram(statistics, target.bits);
            return histogram.width == 0.0 ? dataRange(statistics)
                                          : rangeOf(histogram, searchDnnlowpP99(histogram, share));
        }};
}

} // namespace core
