#pragma once

#include "kernels/shape/matmul_shape.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// What zero points take off the sums of a product of codes, in integers:
///   Σ_k (a − z_a)·(b − z_b) = Σ_k a·b − z_a·Σ_k b − z_b·Σ_k a + K·z_a·z_b.
/// For backends that would do it in FP32, which resolves 24 bits. B is S8, A is U8 or S8, each with one zero
/// point; what leaves 32 bits wraps around.
class ZeroPointTerms
{
public:
    ZeroPointTerms(const MatMulShape& shape, ElementType aType, std::int32_t aZeroPoint,
                   std::int32_t bZeroPoint);

    /// Σ_k b of every column of every B.
    [[nodiscard]] std::vector<std::int32_t> columnSums(std::span<const std::byte> b) const;
    /// From Σ a·b to the sum with zero points, in place.
    void apply(std::span<const std::byte> a, std::span<const std::int32_t> columnSums,
               std::span<std::int32_t> sums) const;

private:
    [[nodiscard]] std::uint32_t rowSum(std::span<const std::byte> row) const;

    MatMulShape m_shape;
    bool m_aIsSigned;
    std::uint32_t m_aZeroPoint;
    std::uint32_t m_bZeroPoint;
};

} // namespace kernels
