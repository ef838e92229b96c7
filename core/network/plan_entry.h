#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

namespace core {

/// The plan's own entry for an operator, which may go by the name of an inner node; made where there is none.
[[nodiscard]] OperatorSettings& entryOf(QuantizationPlan& plan, const Operator& op);

} // namespace core
