#pragma once

#include "core/report/report.h"

#include <optional>

namespace core {

/// What quantizing, dequantizing and requantizing take of the time of the quantized network, in percent; none
/// where no such time was measured, as in sessions saved before they kept it. Conversions inside kernels,
/// which write codes from their accumulators, are part of those.
[[nodiscard]] std::optional<ConversionTime> conversionShare(const Report& report);

} // namespace core
