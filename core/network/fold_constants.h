#pragma once

#include "core/network/operator_graph.h"

namespace core {

/// Weights and bias of a linear operator while nodes that follow it are folded in.
/// Conv and ConvTranspose: weights as ONNX has them. Gemm and MatMul: the constant second operand.
struct LinearConstants
{
    Tensor weights;
    Tensor bias; ///< float, one per output channel; undefined when absent
};

/// Number of output channels of a linear anchor, from its weights.
[[nodiscard]] std::int64_t outputChannels(const Node& anchor, const Tensor& weights);

/// W ← α·W, b ← α·(b − mean) + β per output channel, α = γ / sqrt(var + ε); in double, rounded to float once.
[[nodiscard]] LinearConstants foldBatchNormalization(const Node& anchor, const LinearConstants& constants,
                                                     const Tensor& gamma, const Tensor& beta,
                                                     const Tensor& mean, const Tensor& variance,
                                                     float epsilon);

/// b ← b + addend, where addend has one element per output channel (or one for all).
[[nodiscard]] LinearConstants foldBias(const Node& anchor, const LinearConstants& constants,
                                       const Tensor& addend);

} // namespace core
