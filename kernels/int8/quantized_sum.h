#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

struct SumOperand
{
    std::span<const std::byte> codes; ///< as large as dst, or repeated: codes[i % size]
    QuantizedFormat format; ///< U8 or S8
};

/// dst = saturate(roundHalfEven(Σ_k s_k·(q_k − z_k) / s_y) + z_y), summed in FP32 in the order of the
/// operands. dst: U8 or S8, or F32 (the sums). Bit-equal to referenceSum.
void sum(std::span<const SumOperand> operands, std::span<std::byte> dst, const QuantizedFormat& dstFormat);

void referenceSum(std::span<const SumOperand> operands, std::span<std::byte> dst,
                  const QuantizedFormat& dstFormat);

/// Sums or means of codes over the middle of outer×n×inner: dst = quantize(factor·s_x·(Σq − n·z_x)), the sum
/// exact in 64 bits, one FP32 product. factor = 1 or 1/n. Bit-equal to referenceReduce.
void reduceSum(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::int64_t outer,
               std::int64_t n, std::int64_t inner, double factor, std::span<std::byte> dst,
               const QuantizedFormat& dstFormat);

void referenceReduce(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::int64_t outer,
                     std::int64_t n, std::int64_t inner, double factor, std::span<std::byte> dst,
                     const QuantizedFormat& dstFormat);

} // namespace kernels
