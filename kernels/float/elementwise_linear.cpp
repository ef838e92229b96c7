#include "kernels/float/elementwise_linear.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace kernels {

void elementwiseLinear(std::span<const float> src, ChannelLayout layout, std::span<const float> factor,
                       std::span<const float> addend, std::span<float> dst)
{
    assert(src.size() == dst.size() && factor.size() == layout.channels && addend.size() == layout.channels);
    if (layout.stride == 1) { // channels last: rows of all factors
        for (std::size_t row = 0; row < src.size(); row += layout.channels) {
            for (std::size_t c = 0; c < layout.channels; ++c) {
                dst[row + c] = factor[c] * src[row + c] + addend[c];
            }
        }
        return;
    }
    for (std::size_t begin = 0, plane = 0; begin < src.size(); begin += layout.stride, ++plane) {
        const float a = factor[plane % layout.channels];
        const float b = addend[plane % layout.channels];
        const std::size_t end = std::min(src.size(), begin + layout.stride);
        for (std::size_t i = begin; i < end; ++i) {
            dst[i] = a * src[i] + b;
        }
    }
}

void referenceElementwiseLinear(std::span<const float> src, ChannelLayout layout,
                                std::span<const float> factor, std::span<const float> addend,
                                std::span<float> dst)
{
    for (std::size_t i = 0; i < src.size(); ++i) {
        const std::size_t c = i / layout.stride % layout.channels;
        dst[i] = factor[c] * src[i] + addend[c];
    }
}

} // namespace kernels
