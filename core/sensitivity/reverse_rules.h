#pragma once

#include "core/network/operator_graph.h"
#include "core/tensor/tensor.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// Where an operator is linearised: reals, any layout.
struct ReversePoint
{
    std::span<const Tensor> inputs; ///< by position; undefined where constant
    const Tensor& output; ///< Operator::result()
};

/// Vector-Jacobian product of one operator: gradients with respect to its inputs by position (undefined where
/// constant or not float) from the gradient with respect to its result. Gradients are float32 in
/// kernelLayout() of their shape. May be called from several threads at once.
using ReverseRule = std::function<std::vector<Tensor>(const ReversePoint&, const Tensor& gradient)>;

/// The rule of an operator with what is fused into it (residual, activation, bounds by channel). None where
/// there is none: an operator of several used outputs, with weights that are computed, or of a type below
/// that no rule knows.
///
/// Conv, ConvTranspose, Gemm, MatMul with constant weights: the transposed product. Add, Sub, Mul, Div and
/// broadcasts: the other operand. MaxPool: to the largest under the window, shared among equals. AveragePool
/// and the global pools. BatchNormalization: the factor by channel. ReduceMean, ReduceSum. Softmax:
/// y·(g − Σg·y). Functions of one element: their difference quotient. Movement (Concat, Slice, Pad,
/// Transpose, Gather, Reshape …): every gradient goes back to where its number came from. A fused Clip or
/// Relu passes nothing where it holds; a fused HardSwish is taken for its rising part (x ≥ −1.5).
[[nodiscard]] std::optional<ReverseRule> reverseRuleOf(const OperatorGraph& graph, const Operator& op);

} // namespace core
