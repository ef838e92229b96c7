#pragma once

#include "core/graph/graph.h"
#include "core/params/quantization_params.h"

#include <map>
#include <set>

namespace core {

/// One MatMulInteger with everything around it: y = (q − z)·(W − z_W)·(s·s_W) of a DynamicQuantizeLinear of
/// x.
struct DynamicProduct
{
    NodeId integer{}; ///< the MatMulInteger
    ValueId source = kNoValue; ///< x
    ValueId weights = kNoValue; ///< codes, constant
    QuantizationParams params; ///< of the weights, axis last where the scales are several
    ValueId result = kNoValue; ///< y
};

/// The products of a graph that a float MatMul on a source quantized at run time stands for, by the node that
/// writes y, and all nodes that go with them. What reads anything in between otherwise keeps its product as
/// it is.
struct DynamicProducts
{
    std::map<std::size_t, DynamicProduct> byLast; ///< by NodeId
    std::set<std::size_t> absorbed; ///< by NodeId
};
[[nodiscard]] DynamicProducts findDynamicProducts(const Graph& graph);

} // namespace core
