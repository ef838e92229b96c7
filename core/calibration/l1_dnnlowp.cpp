// DNNLOWP's L1_MIN_QUANTIZATION (Caffe2's quantization server, norm_minimization) with its faults: cells are
// represented by their centres, and a symmetric window cannot be wider than the data, so it may exclude an
// off-centre tensor.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"

namespace core {

CalibrationMethodDefinition l1DnnlowpDefinition()
{
    return {.name = "l1:dnnlowp",
            .title = "L1 (DNNLOWP)",
            .help = "DNNLOWP's brute-force L1 search; its symmetric form can exclude the data of an "
                    "off-centre tensor",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                return chooseDnnlowpNorm(statistics, target, Norm::L1);
            }};
}

} // namespace core
