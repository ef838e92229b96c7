#pragma once

#include "core/plan/plan.h"

#include <QString>

#include <map>
#include <vector>

namespace views {

/// Everything a plan says, as paths: "defaults · activation.method" → "entropy", "dw3 · precision" → "fp32".
[[nodiscard]] std::map<QString, QString> planEntries(const core::QuantizationPlan& plan);

struct PlanDifference
{
    QString path;
    QString before; ///< empty: not said
    QString after;
};

/// What the second plan says otherwise, by path.
[[nodiscard]] std::vector<PlanDifference> planDifference(const core::QuantizationPlan& before,
                                                         const core::QuantizationPlan& after);

/// "dw3 · activation.method minmax → entropy", one per line; empty when both say the same.
[[nodiscard]] QString planDifferenceText(const core::QuantizationPlan& before,
                                         const core::QuantizationPlan& after);

} // namespace views
