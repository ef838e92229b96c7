#pragma once

#include "core/report/report.h"

#include <string>
#include <vector>

namespace io {

/// One condition that a report was held against.
struct CheckedCondition
{
    std::string text; ///< as it was given: "map_drop.upper>1"
    bool isMet = false; ///< which fails the check
    std::string detail; ///< the numbers behind it; may be empty
};

/// JUnit's XML as CI servers read it: one test case for each condition.
[[nodiscard]] std::string checksToJunit(const core::Report& report,
                                        const std::vector<CheckedCondition>& checks);

/// SARIF 2.1.0: one result of level "error" for each condition that is met, at the model.
[[nodiscard]] std::string checksToSarif(const core::Report& report,
                                        const std::vector<CheckedCondition>& checks);

/// A summary for a merge request: conditions, accuracy or metric with intervals, the worst operators.
[[nodiscard]] std::string reportToMarkdown(const core::Report& report,
                                           const std::vector<CheckedCondition>& checks);

} // namespace io
