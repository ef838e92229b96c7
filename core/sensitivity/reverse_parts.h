#pragma once

#include "core/execution/executable_support.h"
#include "core/network/operator_graph.h"
#include "core/sensitivity/reverse_rules.h"
#include "core/tensor/tensor.h"

#include <cstddef>
#include <optional>

namespace core {

// The families of reverseRuleOf(): none where the operator is not of the family.
[[nodiscard]] std::optional<ReverseRule> reverseOfLinear(const OperatorGraph& graph, const Operator& op);
[[nodiscard]] std::optional<ReverseRule> reverseOfPool(const OperatorGraph& graph, const Operator& op);
[[nodiscard]] std::optional<ReverseRule> reverseOfElementwise(const OperatorGraph& graph, const Operator& op);
[[nodiscard]] std::optional<ReverseRule> reverseOfMovement(const OperatorGraph& graph, const Operator& op);
[[nodiscard]] std::optional<ReverseRule> reverseOfReduction(const OperatorGraph& graph, const Operator& op);

/// In the layout that gradients have.
[[nodiscard]] inline Tensor inKernelLayout(const Tensor& tensor)
{
    return toLayout(tensor, kernelLayout(tensor.shape()));
}

/// A float tensor in kernelLayout() with dst[i] = function(i).
template <typename Function>
[[nodiscard]] Tensor filled(const Shape& shape, Layout layout, const Function& function)
{
    TensorBuilder builder(DataType::Float32, shape, layout);
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = function(i);
    }
    return std::move(builder).finish();
}

/// The gradient in front of the fused activation and bounds, which gave `output`.
[[nodiscard]] Tensor throughActivation(const Operator& op, const Tensor& output, const Tensor& gradient);

/// Sums the gradient over the axes along which a tensor of `shape` was broadcast.
[[nodiscard]] Tensor reducedTo(const Shape& shape, const Tensor& gradient);

/// For every element of a row-major tensor of shape `from` the one of `shape` that broadcasting pairs it
/// with.
[[nodiscard]] std::vector<std::size_t> broadcastIndices(const Shape& shape, const Shape& from);

/// Whether the plain rules can be asked: an ONNX operator with one used output and a float first input.
[[nodiscard]] bool hasOneResult(const OperatorGraph& graph, const Operator& op);

} // namespace core
