#pragma once

#include "core/plan/plan.h"
#include "core/report/report.h"

#include <QString>

#include <memory>

namespace views {

/// A view's wish to change the plan. Edits in a row with the same non-empty mergeKey become one step of undo.
struct PlanEdit
{
    std::shared_ptr<const core::QuantizationPlan> plan;
    QString label;
    QString mergeKey;
};

/// Overrides that the plan has for this operator or quantized input; empty when it has none.
[[nodiscard]] core::OperatorSettings ownSettings(const core::QuantizationPlan& plan,
                                                 const core::LayerReport& layer);
/// Everything that applies to it.
[[nodiscard]] core::OperatorSettings settingsOf(const core::QuantizationPlan& plan,
                                                const core::LayerReport& layer);
/// The plan with these overrides in place of those it had; empty settings remove the entry.
[[nodiscard]] core::QuantizationPlan withSettings(const core::QuantizationPlan& plan,
                                                  const core::LayerReport& layer,
                                                  const core::OperatorSettings& settings);

/// What its output is quantized for.
[[nodiscard]] core::CalibrationTarget targetOf(const core::QuantizationPlan& plan,
                                               const core::LayerReport& layer);

} // namespace views
