#pragma once

#include "core/sensitivity/sensitivity_table.h"

#include <string>

namespace cli {

/// noisefloor-sensitivity/1; rows in execution order, errors as relative L2 and gains in dB, null where not
/// known.
[[nodiscard]] std::string tableToJson(const core::SensitivityTable& table, const core::Session& session);

/// Worst at the output first; `top` 0 prints all.
void printTable(const core::SensitivityTable& table, const core::Session& session, std::size_t top);

} // namespace cli
