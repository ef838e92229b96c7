#pragma once

#include <cstddef>
#include <span>

namespace kernels {

/// The readable twin of kernels::minByChannel.
template <typename T>
void referenceMinByChannel(std::span<T> dst, std::span<const T> bounds, std::size_t stride)
{
    for (std::size_t i = 0; i < dst.size(); ++i) {
        const T most = bounds[i / stride % bounds.size()];
        if (most < dst[i]) {
            dst[i] = most;
        }
    }
}

} // namespace kernels
