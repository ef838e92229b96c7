#pragma once

#include "core/execution/executable.h"
#include "core/network/operator_graph.h"
#include "core/params/kernel_format.h"
#include "core/tensor/tensor.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace core {

/// The layout that kernels want for a tensor of that shape: channels last from rank 3 up.
[[nodiscard]] inline Layout kernelLayout(const Shape& shape)
{
    return shape.size() >= 3 ? Layout::ChannelsLast : Layout::RowMajor;
}

/// How the operands of an elementwise operator line up so that dst[i] = a[i % |a|] ∘ b[i % |b|].
/// None: they need general broadcasting.
[[nodiscard]] std::optional<Layout> repeatingLayout(const Shape& a, const Shape& b, const Shape& dst);

/// An operand as repeatingLayout lines it up beside a result of that rank: leading axes of extent 1 put in
/// front, so that its axis 1 is the result's, then brought to the layout.
[[nodiscard]] Tensor alignedOperand(const Tensor& operand, std::size_t rank, Layout layout);

/// Inputs for the readable evaluation: constants filled in, everything row-major.
[[nodiscard]] std::vector<Tensor> evaluationInputs(const Operator& op, std::span<const Tensor> inputs);

/// The reference evaluation of the anchor node and of what is fused into it (bias, residual, activation).
[[nodiscard]] std::vector<Tensor> evaluateOperator(const Operator& op, std::span<const Tensor> inputs);

/// A convolution or matrix product: kernel(src, dst, residual or undefined) on tensors of that layout. The
/// kernel may be given dst's own bytes as the residual, and then adds in place.
using LinearKernel = std::function<void(const Tensor& src, TensorBuilder& dst, const Tensor& residual)>;
[[nodiscard]] Executable linearExecutable(const std::string& implementation, DataType dstType,
                                          const Shape& dstShape, Layout layout,
                                          std::optional<std::size_t> residual, LinearKernel kernel);

/// Operators that give the same bytes another shape.
[[nodiscard]] bool isReshape(const Operator& op);

} // namespace core
