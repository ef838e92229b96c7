#pragma once

#include "core/plan/plan.h"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace core {

/// Settings that go by one name in another tool, for a plan's defaults: `--set preset=NAME`, "preset" in
/// JSON.
struct PlanPreset
{
    std::string_view name;
    std::string_view help; ///< one line
    std::vector<std::pair<std::string_view, std::string_view>> settings{}; ///< keys of planFields(), as --set
};

[[nodiscard]] std::span<const PlanPreset> planPresets();
/// What it says, and nothing else.
[[nodiscard]] OperatorSettings settingsOf(const PlanPreset& preset);
/// Throws core::Error(Usage) with near misses.
[[nodiscard]] const PlanPreset& presetNamed(std::string_view name);

} // namespace core
