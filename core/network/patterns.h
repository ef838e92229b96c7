#pragma once

#include "core/network/operator_graph.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// Primitive nodes that together are one operator.
struct Recognised
{
    Node node; ///< the operator: LayerNormalization, Gelu (com.microsoft), HardSwish, BatchNormalization
    std::vector<NodeId> nodes; ///< in graph order; the last one writes the result
    std::string type{}; ///< of the operator where it is not the node's
    std::vector<std::optional<Tensor>> constants{}; ///< by input where they are not the graph's
};

/// HardSwish, Gelu and LayerNormalization written out in primitive nodes, and ElementwiseLinear: a Mul and an
/// Add whose constants differ by channel (axis 1), computed as a BatchNormalization of mean 0 and variance 1.
/// Groups do not overlap. `mustExist`: values that may not disappear inside a group (beside the graph's
/// outputs and what others read).
[[nodiscard]] std::vector<Recognised> recognisePatterns(const Graph& graph,
                                                        const std::function<bool(ValueId)>& mustExist);

} // namespace core
