#pragma once

#include "kernels/codes/quantize.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

// Fake quantization as PyTorch does it: float in, float out, and a mask of what was not clipped, one bit per
// element, that the backward pass needs in place of the input. After PyTorch's cached-mask kernels, whose
// mask has a byte per element.

/// Scale and zero point of each channel, one entry for per tensor; codes lowest…highest.
struct FakeQuantizeParams
{
    std::span<const float> scale{}; ///< finite, > 0
    std::span<const std::int32_t> zeroPoint{}; ///< as many
    std::int32_t lowest = 0;
    std::int32_t highest = 255;
    ChannelLayout layout{}; ///< channels = scale.size()
};

/// Words of a mask of that many elements: bit i % 64 of word i / 64.
[[nodiscard]] constexpr std::size_t maskWords(std::size_t count) { return (count + 63) / 64; }

/// q = z + roundHalfEven(x·(1/s)) in FP32; y = (clamp(q) − z)·s; mask: lowest ≤ q ≤ highest, before clamping.
/// NaN: the code of zero, outside the mask. dst may be src. Unused bits of the last word are 0.
/// An empty mask: no gradient is asked for, and none is kept (PyTorch's model.eval()).
void fakeQuantize(std::span<const float> src, const FakeQuantizeParams& params, std::span<float> dst,
                  std::span<std::uint64_t> mask);

/// Straight-through: dSrc[i] = dDst[i] where the mask is set, else 0. dSrc may be dDst.
void fakeQuantizeBackward(std::span<const float> dDst, std::span<const std::uint64_t> mask,
                          std::span<float> dSrc);

/// Gradients of scale and zero point of one tensor or of every channel, summed in double, times gradFactor
/// (LSQ):
///   inside   dScale = dY·(ŷ − x)/s, dZeroPoint = 0
///   below    dScale = dY·(lowest − z), dZeroPoint = −dY·s; above with highest
/// src: the forward's input. One entry per channel is written.
void fakeQuantizeLearnable(std::span<const float> src, std::span<const float> dDst,
                           const FakeQuantizeParams& params, float gradFactor, std::span<double> dScale,
                           std::span<double> dZeroPoint);

} // namespace kernels
