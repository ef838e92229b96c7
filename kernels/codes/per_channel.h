#pragma once

#include <cstddef>
#include <span>

namespace kernels {

/// Entry of a channel in a list that holds none (`none` it is), one for all channels, or one for each.
template <typename T>
[[nodiscard]] T pick(std::span<const T> values, std::size_t channel, T none)
{
    return values.empty() ? none : values[values.size() == 1 ? 0 : channel];
}

} // namespace kernels
