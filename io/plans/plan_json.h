#pragma once

#include "core/plan/plan.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace io {

/// JSON of a plan (noisefloor-plan/1), keys in the order of the documentation, doubles in shortest round-trip
/// form.
[[nodiscard]] std::string planToJson(const core::QuantizationPlan& plan);

/// Inverse. Missing parts take the defaults. An unknown key, a contradiction (precision int4 with bits 8) or
/// a bad value throws core::Error naming the key and near misses.
[[nodiscard]] core::QuantizationPlan planFromJson(std::string_view json);

[[nodiscard]] core::QuantizationPlan readPlan(const std::filesystem::path& path);

/// Whether the file is JSON that calls itself a noisefloor-plan; false also when it cannot be read.
[[nodiscard]] bool isPlanFile(const std::filesystem::path& path);

/// `KEY=VALUE` or `OPERATOR::KEY=VALUE` as `--set` takes it, e.g. weight.granularity=per-tensor.
/// OPERATOR may be a selector (core::OperatorSelector).
[[nodiscard]] core::QuantizationPlan withSetting(const core::QuantizationPlan& plan,
                                                 std::string_view assignment);

} // namespace io
