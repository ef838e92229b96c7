#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace core {

/// What a plan, bound to the graph (selected_operators.h), says of every operator, by OperatorId. The key of
/// an operator may be any of its inner nodes, which `warnings` then tell, as of known types that no operator
/// has. Throws core::Error(Usage), with near misses, for a name or a type that does not exist and for a
/// selector that is broken or picks nothing.
[[nodiscard]] std::vector<OperatorSettings>
planSettings(const OperatorGraph& graph, const QuantizationPlan& plan, std::vector<std::string>& warnings);

} // namespace core
