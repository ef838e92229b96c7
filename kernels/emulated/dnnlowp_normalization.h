#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace kernels {

/// GroupNormalization as DNNLOWP's Int8GroupNorm with AVX2 computes it.
struct DnnlowpNormalization
{
    std::size_t channels = 1;
    std::size_t groups = 1; ///< of as many channels each
    std::size_t plane = 1; ///< elements of one channel of one item
    float epsilon = 1e-5f;
    std::vector<float> gamma; ///< one per channel
    std::vector<float> beta; ///< one per channel
    QuantizedFormat src{}; ///< U8 or S8
    QuantizedFormat dst{};
    /// The scale that DNNLOWP chooses for weights of a range.
    std::function<float(float min, float max)> scaleOf;
};

/// Items of channels × plane codes, row-major. Per group of one item: exact sums; the mean rounded to a code,
/// half away from zero; the variance E[x²] − E[x]² and 1/σ in FP32. 1/σ of all groups together, and γ, become
/// integers at scaleOf() their minimum and maximum, zero point 0; β one at s_x·s_γ, brought to s_x·s_γ·s_1/σ
/// by a fixed-point factor. Then y = requantize(x·γ·(1/σ) + (β − γ·(1/σ)·mean)) in 32-bit integers by a
/// fixed-point factor, half up. Source: caffe2/quantization/server/group_norm_dnnlowp_op.cc. Written to be
/// read: it is its own twin.
void normalizeFixedPoint(const DnnlowpNormalization& how, std::span<const std::byte> src,
                         std::span<std::byte> dst);

} // namespace kernels
