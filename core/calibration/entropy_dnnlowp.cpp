// DNNLOWP's KL_MIN_QUANTIZATION (Caffe2's quantization server, kl_minimization) with its faults: whole
// counts, windows narrower than the levels, half a bin off. The search is cubic, so it runs on 256 bins here;
// upstream has 2048.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"

#include <algorithm>

namespace core {

CalibrationMethodDefinition entropyDnnlowpDefinition()
{
    return {.name = "entropy:dnnlowp",
            .title = "Entropy (DNNLOWP)",
            .help = "DNNLOWP's KL search (here on 256 bins): masses truncated, half a bin off; clips hard "
                    "where data is "
                    "sparse",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                // Upstream asserts a range that contains 0.
                const FixedHistogram histogram =
                    rebinned(statistics, dataRange(statistics), kDnnlowpFewestBins);
                if (histogram.width == 0.0) {
                    return dataRange(statistics);
                }
                return dnnlowpKlRange(histogram, searchDnnlowpKl(histogram, std::min(target.bits, 8)).window);
            }};
}

} // namespace core
