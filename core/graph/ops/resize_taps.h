#pragma once

#include "core/graph/graph.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace core::ops {

/// One axis of a Resize or Upsample: each dst position as a weighted sum of src positions.
struct AxisTaps
{
    bool isIdentity = true;
    std::vector<std::vector<std::pair<std::int64_t, double>>>
        parts; ///< by dst position; empty where it lies outside
};

/// Per axis of src. inputs: as the operator reads them, of input 0 only the shape counts (`src`).
/// Throws core::Error as the evaluation does.
[[nodiscard]] std::vector<AxisTaps> resizeTaps(const Node& node, const Shape& src,
                                               std::span<const Tensor> inputs);

} // namespace core::ops
