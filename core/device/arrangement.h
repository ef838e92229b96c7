#pragma once

#include "core/tensor/shape.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace core {

/// How the numbers of a foreign tensor lie, against ONNX's N, C, spatial….
enum class Arrangement : std::uint8_t
{
    AsIs, ///< N, C, spatial…
    ChannelsLast, ///< N, spatial…, C
    Blocked8, ///< oneDNN's nChw8c: channels in blocks of 8, padded
    Blocked16,
    Transposed, ///< the last two axes swapped
};
inline constexpr Arrangement kArrangements[] = {Arrangement::AsIs, Arrangement::ChannelsLast,
                                                Arrangement::Blocked8, Arrangement::Blocked16,
                                                Arrangement::Transposed};
[[nodiscard]] std::string_view nameOf(Arrangement arrangement); ///< "NCHW", "NHWC", "nChw8c", …
[[nodiscard]] std::optional<Arrangement> arrangementNamed(std::string_view name);

/// Numbers stored in that arrangement as ONNX orders them; none where they are not as many as it takes. A
/// stored shape that is larger than ours is cropped: what is behind is padding. `stored` empty: unknown.
[[nodiscard]] std::optional<std::vector<float>> arranged(std::span<const float> numbers, const Shape& stored,
                                                         const Shape& ours, Arrangement arrangement);

/// What a stored shape claims; none where it says nothing.
[[nodiscard]] std::optional<Arrangement> claimedArrangement(const Shape& stored, const Shape& ours);

} // namespace core
