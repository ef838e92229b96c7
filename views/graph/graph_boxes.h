#pragma once

#include "core/report/results.h"
#include "views/graph/graph_blocks.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace views {

/// One box of the graph: an operator, or a block of them.
struct GraphBox
{
    std::uint32_t first = 0; ///< index of its first layer; its only one unless a block
    std::uint32_t count = 1;
    std::string title;
    std::vector<std::string>
        inner; ///< "conv1/bn · BatchNormalization": ONNX nodes of an operator that is opened
    int depth = 0; ///< of its first operator
    std::size_t nodes = 1; ///< ONNX nodes behind it
    [[nodiscard]] bool isBlock() const { return count > 1; }
};

/// A value that flows from one box to another.
struct GraphEdge
{
    std::uint32_t from = 0; ///< indices of boxes
    std::uint32_t to = 0;
    std::vector<std::uint32_t> sources; ///< layers in `from` whose output it is
};

/// What is drawn: boxes in execution order (every edge leads to a later one), each pair joined once.
struct GraphBoxes
{
    std::vector<GraphBox> boxes;
    std::vector<GraphEdge> edges;
    std::vector<std::uint32_t> boxOf; ///< by index of layer
};

/// What the user opened or closed.
struct GraphFolding
{
    std::vector<GraphBlock> blocks; ///< closed ones
    std::set<std::uint32_t> opened; ///< layers whose ONNX nodes are shown
};

[[nodiscard]] GraphBoxes boxesOf(const core::Results& results, const GraphFolding& folding);

} // namespace views
