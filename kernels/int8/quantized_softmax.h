#pragma once

#include "kernels/shape/quantized_format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// Softmax runs over the middle of outer×n×inner values.
struct SoftmaxShape
{
    std::size_t outer = 1;
    std::size_t n = 1;
    std::size_t inner = 1;
};

/// Softmax of codes of U8 or S8 to codes of U8 or S8, as DNNLOWP and gemmlowp from a table over differences
/// of codes:
///   E[d] = roundHalfEven(2³⁰ · e^(−s_x·d)),  d = max q − q in 0…255 (the zero point cancels),
///   dst  = saturate(roundHalfEven(E[d] / (ΣE · s_y)) + z_y).
/// E is computed in double, ΣE is exact in 64 bits, the quotient is one of doubles: the result depends on no
/// order. Bit-equal to referenceSoftmax; within 1 LSB of the real softmax.
class QuantizedSoftmax
{
public:
    QuantizedSoftmax(const SoftmaxShape& shape, const QuantizedFormat& src, const QuantizedFormat& dst);

    /// src and dst: outer·n·inner codes. May be called from several threads at once.
    void execute(std::span<const std::byte> src, std::span<std::byte> dst) const;

private:
    void row(std::span<const std::byte> src, std::span<std::byte> dst) const;
    void columns(std::span<const std::byte> src, std::span<std::byte> dst) const;
    [[nodiscard]] std::byte code(std::size_t difference, double denominator) const;

    SoftmaxShape m_shape;
    QuantizedFormat m_dst;
    std::uint8_t m_flip = 0; ///< what turns the byte of a code into an unsigned number of the same order
    std::array<std::uint32_t, 256> m_exponentials{};
};

void referenceSoftmax(const SoftmaxShape& shape, std::span<const std::byte> src,
                      const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                      const QuantizedFormat& dstFormat);

} // namespace kernels
