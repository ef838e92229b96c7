#pragma once

#include "kernels/float/float_convolution.h"
#include "kernels/shape/matmul_shape.h"
#include "kernels/shape/post_operation.h"

#include <memory>
#include <span>
#include <string>

namespace kernels {

/// dst = activation(A·B + bias[n] + residual) in FP32 by oneDNN.
/// execute() may run on several threads at once.
class FloatMatMul
{
public:
    /// b: the constant B, packed here; empty where B is given at execution. bias: n values or empty.
    FloatMatMul(const MatMulShape& shape, std::span<const float> b, std::span<const float> bias,
                const Activation& activation, Residual residual = Residual::None);
    ~FloatMatMul();
    FloatMatMul(FloatMatMul&&) noexcept;
    FloatMatMul& operator=(FloatMatMul&&) noexcept;

    /// residual: as many values as dst where asked for; may be dst itself.
    void execute(std::span<const float> a, std::span<float> dst, std::span<const float> residual = {}) const;
    /// Where B was not given to the constructor.
    void executeWith(std::span<const float> a, std::span<const float> b, std::span<float> dst,
                     std::span<const float> residual = {}) const;

    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    std::unique_ptr<const Impl> m_impl;
};

} // namespace kernels
