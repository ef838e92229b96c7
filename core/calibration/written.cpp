// Written: scale and zero point as a quantized model holds them, so there is nothing to choose.
#include "core/calibration/definitions.h"

namespace core {

CalibrationMethodDefinition writtenDefinition()
{
    return {.name = "written",
            .title = "As written",
            .help = "scale and zero point as the quantized model holds them"};
}

} // namespace core
