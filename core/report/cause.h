#pragma once

#include "core/report/report.h"

#include <string_view>

namespace core {

/// The one word beside an operator's error, from numbers that are in its report.
enum class Cause : std::uint8_t
{
    None, ///< nothing to say: no error measured, or below 1 %
    Harmless, ///< an own error that the network's output does not feel
    Clipped, ///< most of it: values outside the range
    Rounded, ///< most of it: rounding of the output inside a well-used range
    RangeTooWide, ///< rounding, with most of the range unused
    Weights, ///< the output's own quantization explains little: weights, worst channel named
    Inherited, ///< small on its own inputs, large in the pipeline: it comes from above
    Amplified, ///< small where it arises, and large at the network's output: operators below make it grow
};

[[nodiscard]] std::string_view wordFor(Cause cause); ///< "clipped"; empty for None

/// Rules, first that holds:
///   isolated < 1 %: at the output ≥ 1 % and ≥ 3 × isolated → Amplified;
///     accumulated ≥ 3 % and ≥ 2 × isolated → Inherited; else None
///   at the output < 0.5 % and isolated < 30 % → Harmless
///   accumulated ≥ 3 × isolated, and at the output less than half of the isolated one, or unknown → Inherited
///   output quantization explains under half of the isolated energy, and weights were quantized → Weights
///   clip energy ≥ round energy → Clipped;  range used < 40 % → RangeTooWide;  else Rounded.
[[nodiscard]] Cause causeOf(const LayerReport& layer);

} // namespace core
