#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>

namespace core {

/// The name under which a table by name holds an operator: its own, else that of an inner node. Its own where
/// the table has neither.
template <typename ByName>
[[nodiscard]] const std::string& keyOf(const ByName& table, const Operator& op)
{
    if (!table.contains(op.name)) {
        for (const std::string& inner : op.nodeNames) {
            if (table.contains(inner)) {
                return inner;
            }
        }
    }
    return op.name;
}

/// The plan's own entry for an operator, which may go by the name of an inner node; made where there is none.
[[nodiscard]] OperatorSettings& entryOf(QuantizationPlan& plan, const Operator& op);

/// All that the plan says of an operator: its own entry over that of its type over the defaults.
[[nodiscard]] OperatorSettings settingsOf(const QuantizationPlan& plan, const Operator& op);

/// The plan with that operator (or input) in FP32, whichever of its node names the plan speaks of.
[[nodiscard]] QuantizationPlan keptFloat(const QuantizationPlan& plan, const Operator& op);

} // namespace core
