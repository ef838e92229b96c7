#pragma once

#include "core/network/operator_graph.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace core {

/// Null when the value is no constant of the graph, or absent.
[[nodiscard]] const Tensor* constantOf(const Graph& graph, ValueId id);

/// Whether a product's constant weights are several matrices, one for each of a batch.
[[nodiscard]] bool hasBatchedWeights(const Operator& op);
/// Anything but a Gemm with factors of its own.
[[nodiscard]] bool isPlainGemm(const Operator& op);
/// Whether scale, bias, mean and variance of a BatchNormalization are float constants.
[[nodiscard]] bool hasConstants(const Graph& graph, const Node& batchNorm);
/// The constant of an Add that is nothing but a bias: one element per output channel, broadcast along it.
/// Else null.
[[nodiscard]] const Tensor* biasAddend(const Graph& graph, const Operator& op, const Node& add);
/// Begins of all axes, then ends, of a Pad by zeros of spatial axes only.
[[nodiscard]] std::optional<std::vector<std::int64_t>> zeroSpatialPads(const Graph& graph, const Node& node);

} // namespace core
