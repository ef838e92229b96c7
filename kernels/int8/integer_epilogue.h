#pragma once

#include "kernels/codes/requantization.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// What follows exact int32 accumulators of rows of channels: the arithmetic of Requantization in vectors.
/// Bit-equal to storeRequantized where the processor has fused multiply-add (only residuals need it); Sigmoid
/// aside, which is within its own error. F32 dst receives reals, S32 dst acc + bias[c].
class IntegerEpilogue
{
public:
    IntegerEpilogue() = default;
    /// how.multiplier: one, or one per channel. bias: one per channel, or empty.
    IntegerEpilogue(Requantization how, std::span<const std::int32_t> bias, std::size_t channels);

    /// accumulators: rows of channels. dst and residual are the matching parts of the whole tensors;
    /// residual may be dst.
    void apply(std::span<const std::int32_t> accumulators, std::span<const std::byte> residualCodes,
               std::span<std::byte> dstBytes) const;

    [[nodiscard]] ElementType dstType() const { return m_how.dst.type; }

private:
    Requantization m_how; ///< its multiplier, as m_bias, for as many rows of channels as make a block
    std::vector<std::int32_t> m_bias;
};

} // namespace kernels
