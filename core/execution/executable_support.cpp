#include "core/execution/executable_support.h"

#include "core/base/error.h"
#include "core/execution/executable.h"
#include "core/graph/operator_registry.h"
#include "core/graph/operator_traits.h"
#include "core/graph/reference_evaluator.h"
#include "kernels/codes/quantize.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/fixed_point.h"
#include "kernels/float/elementwise.h"
#include "kernels/float/reference_channel_bounds.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace core {

namespace {

/// Whether an operand is one value, or dst itself, or repeats along `layout` of dst.
bool repeats(const Shape& operand, const Shape& dst, Layout layout)
{
    const std::int64_t count = elementCount(operand);
    if (count == 1 || operand == dst) {
        return true;
    }
    // Align to the last axis; every axis must be 1 or dst's.
    Shape aligned(dst.size() - std::min(dst.size(), operand.size()), 1);
    aligned.insert(aligned.end(), operand.begin(), operand.end());
    if (aligned.size() != dst.size()) {
        return false;
    }
    // In memory order the leading axes must be 1 (repeated) and the trailing ones full.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < dst.size(); ++i) {
        if (layout == Layout::RowMajor || i != 1) {
            order.push_back(i);
        }
    }
    if (layout == Layout::ChannelsLast) {
        order.push_back(1);
    }
    bool inside = false;
    for (const std::size_t axis : order) {
        if (aligned[axis] == 1 && dst[axis] != 1) {
            if (inside) {
                return false;
            }
        } else if (aligned[axis] != 1) {
            inside = true;
        }
    }
    return true;
}

Tensor withActivation(const Tensor& tensor, const kernels::Activation& activation)
{
    if (activation.kind == kernels::Activation::Kind::None) {
        return tensor;
    }
    TensorBuilder result(DataType::Float32, tensor.shape(), tensor.layout());
    const auto src = tensor.as<float>();
    const auto dst = result.as<float>();
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = kernels::apply(activation, src[i]);
    }
    return std::move(result).finish();
}

/// At most one bound per channel of a row-major tensor.
Tensor withUpperBounds(const Tensor& tensor, std::span<const float> bounds, bool isLast)
{
    TensorBuilder result(DataType::Float32, tensor.shape());
    const auto dst = result.as<float>();
    std::ranges::copy(tensor.as<float>(), dst.begin());
    const auto stride = isLast ? std::int64_t{1} : rowMajorStrides(tensor.shape())[1];
    kernels::referenceMinByChannel<float>(dst, bounds, static_cast<std::size_t>(stride));
    return std::move(result).finish();
}

Tensor sumOf(const Tensor& a, const Tensor& b)
{
    TensorBuilder result(DataType::Float32, a.shape(), a.layout());
    const auto x = a.as<float>();
    const auto y = b.as<float>();
    const auto dst = result.as<float>();
    for (std::size_t i = 0; i < x.size(); ++i) {
        dst[i] = x[i] + y[i];
    }
    return std::move(result).finish();
}

} // namespace

std::optional<Layout> repeatingLayout(const Shape& a, const Shape& b, const Shape& dst)
{
    for (const Layout layout : {Layout::ChannelsLast, Layout::RowMajor}) {
        if ((layout == Layout::RowMajor || dst.size() >= 3) && repeats(a, dst, layout)
            && repeats(b, dst, layout)) {
            return layout;
        }
    }
    return std::nullopt;
}

Tensor alignedOperand(const Tensor& operand, std::size_t rank, Layout layout)
{
    if (operand.rank() >= rank) {
        return toLayout(operand, layout);
    }
    const Tensor rows = toLayout(operand, Layout::RowMajor);
    Shape shape(rank - rows.rank(), 1);
    shape.insert(shape.end(), rows.shape().begin(), rows.shape().end());
    return toLayout(rows.reshaped(std::move(shape)), layout);
}

std::vector<Tensor> evaluationInputs(const Operator& op, std::span<const Tensor> inputs)
{
    std::vector<Tensor> result;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        result.push_back(op.constants[i] ? *op.constants[i] : toLayout(inputs[i], Layout::RowMajor));
    }
    return result;
}

std::vector<Tensor> evaluateOperator(const Operator& op, std::span<const Tensor> inputs)
{
    const OperatorDefinition* definition = findOperator(op.node.domain, op.node.type);
    if (!definition) {
        throw Error(ErrorKind::UnsupportedOperator,
                    fmt::format("{}: operator {} is unknown", op.name, op.type));
    }
    std::vector<Tensor> operands = evaluationInputs(op, inputs);
    const Tensor residual = op.residual ? operands[*op.residual] : Tensor();
    if (op.residual) {
        operands.resize(*op.residual);
    }
    // A folded bias of MatMul is added behind it; Conv and Gemm take it as their third input.
    Tensor bias;
    if (isMatMul(op.type) && operands.size() > 2) {
        bias = operands[2];
        operands.resize(2);
    }
    std::vector<Tensor> outputs =
        evaluateNamed(op.node, [&] { return definition->evaluate(op.node, operands); });
    if (bias.isDefined()) {
        const OperatorDefinition* add = findOperator("", "Add");
        Node node;
        node.name = op.name;
        node.type = "Add";
        node.version = op.node.version;
        outputs = add->evaluate(node, std::array{outputs[0], bias});
    }
    if (residual.isDefined()) {
        outputs[0] = sumOf(outputs[0], residual);
    }
    outputs[0] = withActivation(outputs[0], op.activation);
    if (!op.upperBounds.empty()) {
        outputs[0] = withUpperBounds(outputs[0], op.upperBounds, isMatMul(op.type));
    }
    return outputs;
}

Executable linearExecutable(const std::string& implementation, DataType dstType, const Shape& dstShape,
                            Layout layout, std::optional<std::size_t> residual, LinearKernel kernel)
{
    Executable result;
    result.backend = implementation.starts_with("own") ? "noisefloor" : "onednn";
    result.implementation = implementation;
    result.run = [=](std::span<const Tensor> inputs) {
        const Tensor src = toLayout(inputs[0], layout);
        const Tensor other = residual ? toLayout(inputs[*residual], layout) : Tensor();
        TensorBuilder dst(dstType, dstShape, layout);
        kernel(src, dst, other);
        return std::vector{std::move(dst).finish()};
    };
    if (residual) {
        result.runInPlace = [=](std::span<Tensor> inputs) {
            const Tensor src = toLayout(inputs[0], layout);
            const Tensor other = toLayout(std::exchange(inputs[*residual], {}), layout);
            TensorBuilder dst(dstType, dstShape, layout, other);
            kernel(src, dst, other);
            return std::vector{std::move(dst).finish()};
        };
    }
    return result;
}

bool isReshape(const Operator& op)
{
    return op.node.domain.empty() && traitsOf(op.type).elements == ElementFlow::Kept;
}

} // namespace core
