// L2 (min-MSE): the range with the smallest expected Σ (y − Q(y))². The idea is DNNLOWP's
// L2_MIN_QUANTIZATION; that search models cells around their centres and keeps its faults as l2:dnnlowp, this
// one is exact for the quantizer that runs.
#include "core/calibration/definitions.h"
#include "core/calibration/grid_search.h"

namespace core {

CalibrationMethodDefinition l2Definition()
{
    return {
        .name = "l2",
        .title = "L2 (min-MSE)",
        .help =
            "smallest expected squared error of clipping and rounding together, exact on the histogram grid",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
            return bestRangeOnGrid(statistics, target, Norm::L2);
        }};
}

} // namespace core
