// DNNLOWP's KL_MIN_QUANTIZATION (Caffe2's quantization server, kl_minimization) with its faults: whole
// counts, windows narrower than the levels, half a bin off. It sees what an observer file of as many bins
// would hold. Upstream has 2048, which takes seconds per tensor, as the search is cubic.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"
#include "core/calibration/observed_range.h"

namespace core {

CalibrationMethodDefinition entropyDnnlowpDefinition()
{
    return {.name = "entropy:dnnlowp",
            .title = "Entropy (DNNLOWP)",
            .help =
                "DNNLOWP's KL search on this many bins (2048 there, in seconds), centred where the scheme is "
                "symmetric: masses truncated, half a bin off; clips hard where data is sparse",
            .parameter = kDnnlowpFewestBins,
            .lowest = kDnnlowpFewestBins,
            .highest = kDnnlowpMostBins,
            .choose =
                [](const TensorStatistics& statistics, const CalibrationTarget& target, double bins) {
                    const auto counts = observedCounts(statistics, static_cast<int>(bins));
                    const double lowest = statistics.total.min;
                    const double width = (statistics.total.max - lowest) / static_cast<double>(counts.size());
                    return observedRange({lowest, width, {counts.begin(), counts.end()}},
                                         {"entropy:dnnlowp", std::nullopt}, target);
                },
            .isParameterQuiet = true};
}

} // namespace core
