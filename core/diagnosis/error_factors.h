#pragma once

#include "core/diagnosis/operator_probe.h"

#include <string_view>
#include <vector>

namespace core {

/// One thing that an operator's quantization does to the network's output.
struct ErrorFactor
{
    std::string_view name; ///< "weight rounding"
    std::string_view meaning; ///< how it was measured
    double energy = 0.0; ///< Σe² / Σy² at the decisive output; negative where it saves error
    bool isPart = false; ///< the parts follow one another and add up, but for interference
};

/// Parts first, then the factors that stand alone; those that are exactly 0 are left out.
[[nodiscard]] std::vector<ErrorFactor> errorFactors(const ErrorParts& parts);

} // namespace core
