// L1: the range with the smallest expected Σ |y − Q(y)|; clips tails sooner than L2. The idea is DNNLOWP's
// L1_MIN_QUANTIZATION (kept with its faults as l1:dnnlowp), the search is exact for the quantizer that runs.
#include "core/calibration/definitions.h"
#include "core/calibration/grid_search.h"

namespace core {

CalibrationMethodDefinition l1Definition()
{
    return {
        .name = "l1",
        .title = "L1",
        .help =
            "smallest expected absolute error of clipping and rounding together, exact on the histogram grid",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
            return bestRangeOnGrid(statistics, target, Norm::L1);
        }};
}

} // namespace core
