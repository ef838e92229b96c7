#pragma once

#include "core/graph/graph.h"

#include <functional>

#include <span>
#include <vector>

namespace core {

/// The readable twin of the whole FP32 pipeline: runs every node by its OperatorDefinition::evaluate, in
/// order, on row-major tensors. `inputs` in the order of the graph's inputs; returns the graph's outputs.
/// Intermediate values are freed after their last reader. Throws core::Error naming the node.
[[nodiscard]] std::vector<Tensor> evaluateReference(const Graph& graph, std::span<const Tensor> inputs);

/// The same, but every value of the graph by ValueId (undefined where nothing writes it).
[[nodiscard]] std::vector<Tensor> evaluateReferenceValues(const Graph& graph, std::span<const Tensor> inputs);

/// One node on tensors at hand; the outputs it declares. Throws core::Error naming the node.
[[nodiscard]] std::vector<Tensor> evaluateNode(const Node& node, std::span<const Tensor> inputs);

/// What `evaluate` gives; its errors, and memory that is not there, become a core::Error naming the node.
[[nodiscard]] std::vector<Tensor> evaluateNamed(const Node& node,
                                                const std::function<std::vector<Tensor>()>& evaluate);

/// Throws core::Error(OutOfBudget) for a static shape that no value of this program may have.
void checkValueSize(DataType type, const Shape& shape);

} // namespace core
