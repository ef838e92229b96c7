// PaddlePaddle INT8v2's MAX and MAX_CH: the largest magnitude, of a tensor or (for granularity per channel)
// of a channel.
#include "core/calibration/definitions.h"

#include <algorithm>

namespace core {

CalibrationMethodDefinition maxChDefinition()
{
    return {.name = "max-ch",
            .title = "Maximum (Paddle)",
            .help = "max|x| on both sides, of each channel where the granularity is per channel",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) -> Range {
                const Range whole = dataRange(statistics);
                const double magnitude = std::max(-whole.min, whole.max);
                return {whole.min == 0.0 ? 0.0 : -magnitude, magnitude};
            }};
}

} // namespace core
