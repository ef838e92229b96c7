#pragma once

#include "core/graph/graph.h"

#include <cstddef>

namespace core {

/// A graph in which every float16, bfloat16 and double is float32, and what that did.
struct WidenedGraph
{
    Graph graph;
    std::size_t halves = 0; ///< inputs, constants and casts that were float16 or bfloat16: widened exactly
    std::size_t doubles = 0; ///< that were double: rounded
};

/// Before shapes are bound. Kernels, codes and measurements know float32 only; so that a model in another
/// float type is quantized like any, its inputs, constants, casts and declared types become float32, in
/// subgraphs too. Names, nodes and their order stay. Results then carry the precision of float32 between
/// operators, not of 16 bits.
[[nodiscard]] WidenedGraph widenFloats(const Graph& graph);

/// Whether the network itself computes in another float type than float32: it has float16 or bfloat16
/// anywhere, or an input or a matrix of weights in double. Single doubles, which exporters leave behind, do
/// not count.
[[nodiscard]] bool hasOtherFloats(const Graph& graph);

} // namespace core
