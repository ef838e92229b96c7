#pragma once

#include "core/report/report.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace io {

/// JSON of a report (noisefloor-report/1): keys in documented order, doubles in shortest round-trip form.
[[nodiscard]] std::string reportToJson(const core::Report& report);

/// One line per operator, header first; RFC 4180 quoting.
[[nodiscard]] std::string reportToCsv(const core::Report& report);

} // namespace io
