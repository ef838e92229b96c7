#pragma once

#include "core/graph/graph.h"
#include "core/graph/operator_registry.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace core {

/// The graph with every type and shape known: shapes inferred in topological order from `inputShapes` (one
/// per graph input, in order), nodes whose inputs are all constant folded, `If` on a constant condition
/// replaced by its branch, nodes that no output needs removed. Names of nodes, inputs and outputs stay. An
/// input named in `constantInputs` becomes a constant and is no longer an input; its entry of `inputShapes`
/// is ignored.
///
/// Shapes that depend on data (behind NonZero, NonMaxSuppression, …) keep kDynamic dimensions, and values
/// computed from those have no shape (hasShape is false): such graphs run through evaluateReference only.
///
/// Throws one core::Error that lists every node that cannot run: "cannot run 2 nodes: name (Type): reason;
/// …".
[[nodiscard]] std::shared_ptr<const Graph>
bindShapes(const Graph& graph, const std::vector<Shape>& inputShapes,
           const std::map<std::string, Tensor>& constantInputs = {});

/// Types and shapes of a subgraph's outputs, for inputs as given (an If branch). Throws as bindShapes.
[[nodiscard]] std::vector<ValueInfo> inferOutputs(const Graph& graph, const std::vector<ValueInfo>& inputs,
                                                  const std::vector<const Tensor*>& constants);

/// Whether every value has a type and a static shape, so that the graph can be planned ahead.
[[nodiscard]] bool hasStaticShapes(const Graph& graph);

/// Throws core::Error(InvalidModel) that lists every constant that holds NaN, or infinity where it is
/// multiplied, and every BatchNormalization of constants whose factor or shift is no finite number: name,
/// reader and counts.
void refuseNonFiniteWeights(const Graph& graph);

} // namespace core
