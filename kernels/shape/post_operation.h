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
        Sigmoid
    };
    Kind kind = Kind::None;
    float alpha = 0.0f; ///< LeakyRelu: slope below zero. Clip: lower bound.
    float beta = 0.0f; ///< Clip: upper bound.
    bool operator==(const Activation&) const = default;
};

/// The readable twin: one value.
/// HardSwish(x) = x·max(0, min(1, x/6 + 0.5)); Sigmoid(x) = 1/(1 + e^−x).
[[nodiscard]] float apply(const Activation& activation, float x);

} // namespace kernels
