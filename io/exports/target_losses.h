#pragma once

#include "io/exports/format.h"

#include <vector>

namespace io {

/// What a target does otherwise than the plan although the scales in its file are the plan's: ranges chosen
/// at run time, narrower codes, outputs that stay float, weights that the target quantizes itself, arithmetic
/// of another machine, and operators in bf16, fp16 and the like. By the flags of the format; in graph order.
[[nodiscard]] std::vector<ExportLoss> lossesOfTarget(const ExportFormat& format, const ExportSource& source);

} // namespace io
