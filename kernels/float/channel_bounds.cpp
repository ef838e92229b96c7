#include "kernels/float/channel_bounds.h"

#include <algorithm>
#include <cassert>

namespace kernels {

namespace {

template <typename T>
void bound(std::span<T> dst, std::span<const T> bounds, std::size_t stride)
{
    assert(bounds.empty() ? dst.empty() : dst.size() % (bounds.size() * stride) == 0);
    if (stride == 1) { // one row of channels after the other: vectorizes
        for (std::size_t row = 0; row < dst.size(); row += bounds.size()) {
            T* const out = dst.data() + row;
            for (std::size_t c = 0; c < bounds.size(); ++c) {
                out[c] = bounds[c] < out[c] ? bounds[c] : out[c];
            }
        }
        return;
    }
    std::size_t channel = 0;
    for (std::size_t plane = 0; plane < dst.size(); plane += stride) {
        const T most = bounds[channel];
        channel = channel + 1 == bounds.size() ? 0 : channel + 1;
        for (T& value : dst.subspan(plane, stride)) {
            value = most < value ? most : value;
        }
    }
}

} // namespace

void minByChannel(std::span<float> dst, std::span<const float> bounds, std::size_t stride)
{
    bound(dst, bounds, stride);
}

void minByChannel(std::span<std::uint8_t> dst, std::span<const std::uint8_t> bounds, std::size_t stride)
{
    bound(dst, bounds, stride);
}

void minByChannel(std::span<std::int8_t> dst, std::span<const std::int8_t> bounds, std::size_t stride)
{
    bound(dst, bounds, stride);
}

void minByChannel(std::span<std::uint16_t> dst, std::span<const std::uint16_t> bounds, std::size_t stride)
{
    bound(dst, bounds, stride);
}

void minByChannel(std::span<std::int16_t> dst, std::span<const std::int16_t> bounds, std::size_t stride)
{
    bound(dst, bounds, stride);
}

} // namespace kernels
