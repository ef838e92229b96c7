#pragma once

#include "tests/fuzz/drawn_graph.h"
#include "tests/fuzz/quantized_engine.h"

#include <optional>

namespace fuzz {

/// Where the pairs of QuantizeLinear and DequantizeLinear stand.
enum class PairsAt : std::uint8_t
{
    Outputs, ///< behind what a node writes
    Inputs, ///< before what a node reads
    Both
};

/// The graph as a quantizer writes it: such pairs around every real tensor that `q` has params for, weights
/// behind pairs of 8 bits. None where nothing can be quantized so: bodies, opsets before 10.
[[nodiscard]] std::optional<DrawnGraph> withPairs(const DrawnGraph& graph, const Quantized& q, PairsAt at);

/// Products with constant weights as DynamicQuantizeLinear and MatMulInteger or ConvInteger. None without
/// any.
[[nodiscard]] std::optional<DrawnGraph> withDynamicProducts(const DrawnGraph& graph);

} // namespace fuzz
