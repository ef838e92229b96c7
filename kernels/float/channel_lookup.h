#pragma once

#include "kernels/codes/quantize.h"
#include "kernels/float/elementwise.h"

namespace kernels {

/// dst[i] = tables[c][src[i]] with c the channel of element i: any function of one code that differs by
/// channel (a BatchNormalization of its own, PRelu, a factor and an addend per channel). dst may be src.
/// tables: layout.channels of them. The twin is referenceLookup.
void lookupPerChannel(std::span<const std::byte> src, ChannelLayout layout,
                      std::span<const LookupTable> tables, std::span<std::byte> dst);

void referenceLookup(std::span<const std::byte> src, ChannelLayout layout,
                     std::span<const LookupTable> tables, std::span<std::byte> dst);

} // namespace kernels
