#pragma once

#include "core/graph/operator_registry.h"

#include <optional>
#include <vector>

namespace core {

/// What a node of an opset before 7 is in opset 7: its attributes and, where an operand was aligned with an
/// axis of the first instead of with its last ones, the shape that operand takes to broadcast as NumPy does.
struct LegacyForm
{
    Node node;
    std::optional<std::size_t> reshaped; ///< the operand that needs another shape
    Shape shape;
};

/// Of Add, Sub, Mul, Div, Pow, comparisons and logic with `broadcast` and `axis`, Gemm with `broadcast`,
/// PRelu with one slope per channel, and BatchNormalization with `is_test`. None for other nodes, and from
/// opset 7 on. Throws core::Error where the form has no counterpart: training, statistics per element, an
/// operand whose rank is not known.
[[nodiscard]] std::optional<LegacyForm> legacyForm(const Node& node, const std::vector<ValueInfo>& inputs);

} // namespace core
