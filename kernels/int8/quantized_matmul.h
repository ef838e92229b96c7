#pragma once

#include "kernels/int8/quantized_convolution.h"
#include "kernels/shape/matmul_shape.h"
#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kernels {

/// A matrix product of codes; the formula, rounding and dst types of QuantizedConvolutionSpec with
/// acc = Σ_k (a − z_a)·(b − z_b[n]) + bias[n]. Spans are read during construction only.
struct QuantizedMatMulSpec
{
    MatMulShape shape{};
    std::span<const std::byte> b{}; ///< codes of the constant B; empty where B is given at execution
    ElementType bType = ElementType::S8; ///< S8 or U8
    std::span<const float> bScale{}; ///< one, or one per n
    std::span<const std::int32_t> bZeroPoint{}; ///< empty = 0; else one, or one per n (constant B only)
    std::span<const std::int32_t> bias{}; ///< n codes at scale s_a·s_b[n]; empty = none
    QuantizedFormat a{}; ///< U8 or S8
    QuantizedFormat dst{}; ///< U8, S8, F32 or S32
    Activation activation{};
    std::optional<QuantizedFormat> residual{}; ///< U8 or S8
};

class QuantizedMatMul
{
public:
    explicit QuantizedMatMul(const QuantizedMatMulSpec& spec,
                             IntegerBackend backend = IntegerBackend::Fastest);
    ~QuantizedMatMul();
    QuantizedMatMul(QuantizedMatMul&&) noexcept;
    QuantizedMatMul& operator=(QuantizedMatMul&&) noexcept;

    /// residual may be dst itself.
    void execute(std::span<const std::byte> a, std::span<std::byte> dst,
                 std::span<const std::byte> residual = {}) const;
    /// Where B was not given to the constructor.
    void executeWith(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> dst,
                     std::span<const std::byte> residual = {}) const;

    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    std::unique_ptr<const Impl> m_impl;
};

} // namespace kernels
