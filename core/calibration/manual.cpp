// Manual: the range stands in the plan, so there is nothing to choose from statistics.
#include "core/calibration/definitions.h"

namespace core {

CalibrationMethodDefinition manualDefinition()
{
    return {.name = "manual", .title = "Manual", .help = "the range that the plan gives"};
}

} // namespace core
