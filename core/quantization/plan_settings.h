#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace core {

/// What a plan says of every operator, by OperatorId. The key of an operator may be any of its inner nodes,
/// which `warnings` then tell. Throws core::Error(Usage) for a name that does not exist, with near misses.
[[nodiscard]] std::vector<OperatorSettings>
planSettings(const OperatorGraph& graph, const QuantizationPlan& plan, std::vector<std::string>& warnings);

} // namespace core
