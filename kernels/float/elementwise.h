#pragma once

#include "kernels/codes/lookup_table.h"
#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

enum class BinaryOperation : std::uint8_t
{
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min
};

/// dst[i] = activation(a[i % a.size()] ∘ b[i % b.size()]). So an operand is as large as dst, or repeats: C
/// values of a channels-last tensor, or a single one. dst may be a or b where sizes are equal.
void binary(BinaryOperation operation, std::span<const float> a, std::span<const float> b,
            std::span<float> dst, const Activation& activation = {});

/// The same on codes of U8 and S8, each with its own format:
/// dst = saturate(roundHalfEven(activation(s_a·(a − z_a) ∘ s_b·(b − z_b)) / s_y) + z_y), computed in FP32.
/// A quotient by a zero that ∘ = Div meets saturates; 0/0 gives z_y.
void binary(BinaryOperation operation, std::span<const std::byte> a, const QuantizedFormat& aFormat,
            std::span<const std::byte> b, const QuantizedFormat& bFormat, std::span<std::byte> dst,
            const QuantizedFormat& dstFormat, const Activation& activation = {});

/// dst[i] = activation(src[i]). dst may be src. Sigmoid: relative error below 1e-6.
void activate(const Activation& activation, std::span<const float> src, std::span<float> dst);

/// Softmax over the middle of outer×n×inner values: e^(x − max) / Σ; sums in FP32, inner = 1 is the fast
/// case.
void softmax(std::span<const float> src, std::int64_t outer, std::int64_t n, std::int64_t inner,
             std::span<float> dst);

} // namespace kernels
