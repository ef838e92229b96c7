#pragma once

#include "core/report/report.h"

#include <string>

namespace core {

/// What the quantized network of a report is: "int8" only where every quantized operator is, another
/// precision likewise, "quantized" where they differ, "unquantized" where there is none.
[[nodiscard]] std::string precisionWord(const Report& report);

/// One line for each reason why operators stay float that the plan wanted quantized, with how many and which;
/// one more where nothing at all is quantized.
[[nodiscard]] std::vector<std::string> keptFloatWarnings(const Report& report);

} // namespace core
