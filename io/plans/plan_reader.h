#pragma once

#include "core/plan/plan.h"
#include "core/plan/plan_fields.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace io {

/// A plan, and the settings of one operator, from parsed JSON. `where` is what errors call the place. Throws
/// core::Error (Usage) naming a key that is unknown, with near misses, or a value that is bad.
[[nodiscard]] core::QuantizationPlan planOf(const nlohmann::json& json);
[[nodiscard]] core::OperatorSettings settingsOf(const nlohmann::json& json, const std::string& where);

/// What JSON says of a setting in one word, whole number or flag; none where it is another thing.
[[nodiscard]] std::optional<core::PlanValue> plainValueOf(const nlohmann::json& json);

} // namespace io
