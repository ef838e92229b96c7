#include "kernels/codes/lookup_table.h"

#include <cassert>

namespace kernels {

void lookup(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst)
{
    assert(src.size() == dst.size());
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<std::byte>(table[static_cast<std::uint8_t>(src[i])]);
    }
}

} // namespace kernels
