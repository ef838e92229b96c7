#pragma once

#include "kernels/int8/integer_epilogue.h"
#include "kernels/int8/quantized_matmul.h"

#include <cstdint>
#include <vector>

namespace kernels {

/// Our own exact matrix product of codes, on every processor: as IntegerConvolution, in 16-bit pairs along k.
class IntegerMatMul
{
public:
    explicit IntegerMatMul(const QuantizedMatMulSpec& spec);
    /// b: empty where the constant one is meant.
    void execute(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> dst,
                 std::span<const std::byte> residual) const;

private:
    /// [pair][n][2] of one B, zero points subtracted.
    void pack(std::span<const std::byte> b, std::int16_t* packed) const;
    [[nodiscard]] std::int64_t packedSize() const;

    MatMulShape m_shape;
    QuantizedFormat m_a;
    ElementType m_bType;
    std::vector<std::int32_t> m_bZeroPoint; ///< one per n
    IntegerEpilogue m_epilogue;
    std::vector<std::int16_t> m_packed; ///< of every constant B; empty otherwise
};

} // namespace kernels
