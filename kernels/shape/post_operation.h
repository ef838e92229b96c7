#pragma once

#include <cstdint>

namespace kernels {

/// A function applied to the sum of a convolution or matrix product before it is stored.
struct Activation
{
    enum class Kind : std::uint8_t
    {
        None,
        Relu,
        Clip,
        LeakyRelu,
        HardSwish,
        Sigmoid,
        // Computed by apply() behind the sum, on every path: results of all backends are equal.
        Tanh,
        Exp,
        Sqrt,
        Abs,
        Elu,
        Gelu
    };
    Kind kind = Kind::None;
    float alpha = 0.0f; ///< LeakyRelu: slope below zero. Elu: its α. Clip: lower bound.
    float beta = 0.0f; ///< Clip: upper bound.
    bool operator==(const Activation&) const = default;
};

/// The readable twin: one value.
/// HardSwish(x) = x·max(0, min(1, x/6 + 0.5)); Sigmoid(x) = 1/(1 + e^−x); Elu(x) = α·(e^x − 1) below 0;
/// Gelu(x) = x/2·(1 + erf(x/√2)). From Tanh on in double, rounded to FP32 once, as the operators by
/// themselves.
[[nodiscard]] float apply(const Activation& activation, float x);

/// Whether a vectorised kernel or oneDNN computes it, to the last bit or (HardSwish, Sigmoid) nearly so. The
/// others are computed by apply() everywhere.
[[nodiscard]] bool hasKernel(Activation::Kind kind);

/// Whether it commutes with the step of the result, or is a bound on codes: None, Relu, Clip and LeakyRelu.
[[nodiscard]] bool isAppliedToCodes(Activation::Kind kind);

} // namespace kernels
