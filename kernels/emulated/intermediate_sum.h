#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// DNNLOWP's common codes of all operands of an Add or Sum: 0 … 2^bits − 1.
struct SumIntermediate
{
    float scale = 1.0f;
    std::int32_t zeroPoint = 0;
    int bits = 16;
};

/// Codes of one operand, as many as dst has.
struct IntermediateOperand
{
    std::span<const std::byte> codes;
    QuantizedFormat format; ///< U8 or S8
};

/// t_k = saturate(z + round((q_k − z_k)·(s_k/s))) in the intermediate codes; dst = saturate(z_y +
/// round(Σ(t_k − z)·(s/s_y))). Both factors and products in FP32, ties to even; bounds of dst as its format
/// says (a fused Relu is its lowest code). Source: caffe2/quantization/server/elementwise_add_dnnlowp_op.cc
/// and elementwise_sum_dnnlowp_op.cc, the route without AVX2 or of more than two operands. One table per
/// operand. Bit-equal to referenceSumThrough.
void sumThrough(const SumIntermediate& through, std::span<const IntermediateOperand> operands,
                std::span<std::byte> dst, const QuantizedFormat& dstFormat);

void referenceSumThrough(const SumIntermediate& through, std::span<const IntermediateOperand> operands,
                         std::span<std::byte> dst, const QuantizedFormat& dstFormat);

} // namespace kernels
