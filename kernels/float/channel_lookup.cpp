#include "kernels/float/channel_lookup.h"

#include <algorithm>
#include <cassert>

namespace kernels {

void lookupPerChannel(std::span<const std::byte> src, ChannelLayout layout,
                      std::span<const LookupTable> tables, std::span<std::byte> dst)
{
    assert(src.size() == dst.size() && tables.size() == layout.channels);
    if (layout.stride == 1) { // channels last: one row of all tables after the other
        for (std::size_t row = 0; row < src.size(); row += layout.channels) {
            for (std::size_t c = 0; c < layout.channels; ++c) {
                dst[row + c] = static_cast<std::byte>(tables[c][static_cast<std::uint8_t>(src[row + c])]);
            }
        }
        return;
    }
    for (std::size_t begin = 0, plane = 0; begin < src.size(); begin += layout.stride, ++plane) {
        const std::size_t count = std::min(layout.stride, src.size() - begin);
        lookup(src.subspan(begin, count), tables[plane % layout.channels], dst.subspan(begin, count));
    }
}

void referenceLookup(std::span<const std::byte> src, ChannelLayout layout,
                     std::span<const LookupTable> tables, std::span<std::byte> dst)
{
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<std::byte>(
            tables[i / layout.stride % layout.channels][static_cast<std::uint8_t>(src[i])]);
    }
}

} // namespace kernels
