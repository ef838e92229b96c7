#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/operator_selector.h"
#include "core/plan/plan.h"

#include <memory>
#include <vector>

namespace core {

/// Operators of a graph for selectors; [i] is operator i. Views into the graph.
[[nodiscard]] std::vector<SelectableOperator> selectableOperators(const OperatorGraph& graph);

/// Whether a key of the plan's operators looks like a selector, or something is bound already.
[[nodiscard]] bool mayHaveSelectors(const QuantizationPlan& plan);

/// The plan with `selected` as its selectors say of this graph. Keys that are names of the graph are names,
/// whatever signs they hold; selectors that are broken or pick nothing are left to resolvePlan() to refuse.
[[nodiscard]] QuantizationPlan boundTo(const OperatorGraph& graph, QuantizationPlan plan);

/// The same; the plan itself where that changes nothing.
[[nodiscard]] std::shared_ptr<const QuantizationPlan> boundTo(const OperatorGraph& graph,
                                                              std::shared_ptr<const QuantizationPlan> plan);

} // namespace core
