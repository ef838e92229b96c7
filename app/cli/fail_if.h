#pragma once

#include "core/report/report.h"
#include "io/reports/check_reports.h"

#include <string>
#include <vector>

namespace cli {

/// A disjunction of conjunctions of comparisons; `and` binds tighter than `or`.
struct Comparison
{
    std::string quantity; ///< output.sqnr_db, top1_drop, agreement, op["NAME"].isolated.sqnr_db, …
    std::string op; ///< < <= > >= == !=
    double value = 0.0;
};
using FailIf = std::vector<std::vector<Comparison>>;

/// Throws core::Error(Usage) showing where the text stops making sense.
[[nodiscard]] FailIf parseFailIf(const std::string& text);

/// A quantity that is null because there is no error counts as +∞ for SQNR and 0 for errors; one that met NaN
/// or infinity, or whose output has such an operator before it, as the worst there is. Throws
/// core::Error(Usage) for a quantity or operator that the report does not have.
/// op["…"] takes selectors, too, the worst of what they pick; sequences need the graph of the report's plan.
[[nodiscard]] bool holds(const FailIf& condition, const core::Report& report,
                         const core::OperatorGraph* graph = nullptr);

/// The same by condition, those that `or` joins each for itself.
[[nodiscard]] std::vector<io::CheckedCondition> checkedConditions(const FailIf& condition,
                                                                  const core::Report& report,
                                                                  const core::OperatorGraph* graph = nullptr);

} // namespace cli
