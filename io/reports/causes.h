#pragma once

#include "core/report/report.h"

#include <string>

namespace io::html {

/// The numbers of the report that a cause (core::causeOf) was concluded from, as half a sentence; empty
/// without a cause.
[[nodiscard]] std::string causeNumbers(const core::LayerReport& layer);

} // namespace io::html
