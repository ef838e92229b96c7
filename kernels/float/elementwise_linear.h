#pragma once

#include "kernels/codes/quantize.h"

#include <span>

namespace kernels {

/// dst[i] = factor[c]·src[i] + addend[c] in FP32 with c the channel of element i: DNNLOWP's
/// ElementwiseLinear. Two roundings. dst may be src. Bit-equal to referenceElementwiseLinear.
void elementwiseLinear(std::span<const float> src, ChannelLayout layout, std::span<const float> factor,
                       std::span<const float> addend, std::span<float> dst);

void referenceElementwiseLinear(std::span<const float> src, ChannelLayout layout,
                                std::span<const float> factor, std::span<const float> addend,
                                std::span<float> dst);

} // namespace kernels
