#pragma once

#include "core/executable.h"
#include "core/operator_graph.h"
#include "core/quantization_params.h"
#include "core/tensor.h"
#include "kernels/quantized_format.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace core {

/// The kernel's view of per-tensor params.
[[nodiscard]] kernels::QuantizedFormat formatOf(const QuantizationParams& params);

[[nodiscard]] inline std::span<const std::byte> bytesOf(const Tensor& tensor)
{
    return {tensor.data(), tensor.byteCount()};
}
[[nodiscard]] inline std::span<std::byte> bytesOf(TensorBuilder& builder)
{
    return {builder.data(), builder.byteCount()};
}

/// The layout that kernels want for a tensor of that shape: channels last from rank 3 up.
[[nodiscard]] inline Layout kernelLayout(const Shape& shape)
{
    return shape.size() >= 3 ? Layout::ChannelsLast : Layout::RowMajor;
}

/// How the operands of an elementwise operator line up so that dst[i] = a[i % |a|] ∘ b[i % |b|].
/// None: they need general broadcasting.
[[nodiscard]] std::optional<Layout> repeatingLayout(const Shape& a, const Shape& b, const Shape& dst);

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
