#pragma once

#include "core/diagnosis/diagnosis_input.h"
#include "core/diagnosis/finding.h"

#include <span>
#include <string_view>
#include <vector>

namespace core {

/// One way to find a cause. Pure: the same input gives the same findings. Each lives in its own file of
/// rules/.
struct DiagnosisRule
{
    std::string_view name;
    void (*find)(const DiagnosisInput& input, std::vector<Finding>& findings);
};

[[nodiscard]] std::span<const DiagnosisRule> diagnosisRules();

} // namespace core
