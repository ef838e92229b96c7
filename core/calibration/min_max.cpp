// Min-max, called naive by MXNet: nothing is clipped. Source: DNNLOWP's MIN_MAX_QUANTIZATION, MXNet's naive
// collector.
#include "core/calibration/definitions.h"

#include <algorithm>

namespace core {

Range dataRange(const TensorStatistics& statistics)
{
    return {std::min(static_cast<double>(statistics.total.min), 0.0),
            std::max(static_cast<double>(statistics.total.max), 0.0)};
}

CalibrationMethodDefinition minMaxDefinition()
{
    return {.name = "minmax",
            .alias = "naive",
            .title = "Min-max",
            .help = "smallest to largest value seen; nothing is clipped, one outlier stretches the range",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) {
                return dataRange(statistics);
            }};
}

} // namespace core
