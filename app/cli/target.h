#pragma once

#include "app/common/project.h"
#include "core/diagnosis/finding.h"
#include "core/profile/target_profile.h"

#include <memory>
#include <string>

namespace cli {

/// The plan brought to what a target takes, with its runtime; what had to change is said on stderr unless
/// quiet.
[[nodiscard]] std::shared_ptr<const core::QuantizationPlan>
keptToTarget(const app::Project& project, const core::TargetProfile& profile,
             const std::shared_ptr<const core::QuantizationPlan>& plan, bool isQuiet);

/// Says on stderr what of a plan a target does not take, a line for each setting that several operators
/// share. Returns how many breaches there are.
std::size_t sayBreaches(const app::Project& project, const core::TargetProfile& profile,
                        const core::QuantizationPlan& plan);

/// What a target (a name, a file, or none where empty) has against a plan: its first breach.
[[nodiscard]] core::PlanObjection objectionOf(const app::Project& project, const std::string& profile);

} // namespace cli
