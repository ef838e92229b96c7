#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <cstddef>
#include <vector>

namespace core {

/// Operators that depend on what `source` writes, in execution order, without itself.
[[nodiscard]] std::vector<std::size_t> downstreamOf(const OperatorGraph& graph, OperatorId source);

/// The plan with that operator in FP32, whichever of its node names the plan speaks of.
[[nodiscard]] QuantizationPlan keptFloat(const QuantizationPlan& plan, const Operator& op);

} // namespace core
