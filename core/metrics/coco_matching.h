#pragma once

#include "core/metrics/boxes.h"

namespace core {

inline constexpr std::size_t kOverlaps = 10; ///< .50, .55, … .95
inline constexpr std::size_t kSizes = 4; ///< all, small, medium, large

/// What became of one detection. Bits by overlap.
struct MatchedBox
{
    std::int64_t category = 0;
    double score = 0.0;
    std::array<std::uint32_t, kSizes> hits{}; ///< it is paired with a label
    std::array<std::uint32_t, kSizes> ignored{}; ///< counts neither way
};

struct CountedLabel
{
    std::int64_t category = 0;
    std::uint32_t counts = 0; ///< bits by size: it is to be found
};

struct MatchedSample
{
    std::vector<MatchedBox> boxes;
    std::vector<CountedLabel> labels;
    double kept = 0.0; ///< labels found at overlap .5 with a score of at least `keptScore`
};

/// Pairs the detections of one sample with its labels, as COCOeval.evaluateImg does. `found` best first.
/// `pixels`: of the picture, by which an overlap-free area becomes one in pixels.
[[nodiscard]] MatchedSample matchBoxes(const std::vector<Box>& found, const std::vector<Box>& labels,
                                       double pixels, double keptScore);

} // namespace core
