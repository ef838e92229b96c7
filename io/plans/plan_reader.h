#pragma once

#include "core/plan/plan.h"

#include <nlohmann/json.hpp>
#include <string>

namespace io {

/// A plan, and the settings of one operator, from parsed JSON. `where` is what errors call the place. Throws
/// core::Error (Usage) naming a key that is unknown, with near misses, or a value that is bad.
[[nodiscard]] core::QuantizationPlan planOf(const nlohmann::json& json);
[[nodiscard]] core::OperatorSettings settingsOf(const nlohmann::json& json, const std::string& where);

} // namespace io
