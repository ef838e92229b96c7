#pragma once

#include "core/results.h"

#include <cstdint>
#include <vector>

namespace views {

/// Where an operator stands: row by depth, lane to the side.
struct GraphNode
{
    int row = 0;
    double lane = 0.0; ///< in widths of a node, 0 in the middle
};

struct GraphEdge
{
    std::uint32_t from = 0; ///< indices of layers
    std::uint32_t to = 0;
};

struct GraphPlacement
{
    std::vector<GraphNode> nodes; ///< by index of layer
    std::vector<GraphEdge> edges;
    int rows = 0;
};

/// The first picture, in linear time: one row per depth, within a row ordered by the mean lane of what it
/// reads.
[[nodiscard]] GraphPlacement placeOperators(const core::Results& results);

} // namespace views
