#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace views {

/// Operators that belong together: a run in execution order, so that drawing it as one box makes no cycle.
struct GraphBlock
{
    std::string title;
    std::uint32_t first = 0; ///< index of a layer
    std::uint32_t count = 0;
    bool operator==(const GraphBlock&) const = default;
};

/// Above so many boxes, repeated blocks are drawn as one box each.
inline constexpr std::size_t kMostBoxes = 1500;

/// Runs to draw as one box, in order, none overlapping; what is in none stays single. The finest division
/// that leaves at most `mostBoxes` boxes:
///   names that share a prefix ("encoder/layer3/…", split at / and .), the deepest level that suffices;
///   else the shortest sequence of types that repeats;
///   else slices of equal length.
/// Preconditions: as many types as names.
[[nodiscard]] std::vector<GraphBlock> findBlocks(std::span<const std::string> names,
                                                 std::span<const std::string> types, std::size_t mostBoxes);

} // namespace views
