#include "core/execution/executable.h"

#include "core/base/error.h"
#include "core/execution/bounded_executable.h"
#include "core/execution/executable_support.h"
#include "core/execution/movement_executable.h"
#include "core/network/gemm_form.h"
#include "core/network/window_shapes.h"
#include "kernels/float/elementwise.h"
#include "kernels/float/elementwise_linear.h"
#include "kernels/float/finite.h"
#include "kernels/float/float_convolution.h"
#include "kernels/float/float_matmul.h"
#include "kernels/float/pooling.h"

#include <algorithm>
#include <memory>

namespace core {

namespace {

std::span<const float> floatsOf(const std::vector<std::optional<Tensor>>& constants, std::size_t i)
{
    return i < constants.size() && constants[i] ? constants[i]->as<float>() : std::span<const float>{};
}

kernels::Residual residualOf(const Operator& op)
{
    return op.residual ? kernels::Residual::Add : kernels::Residual::None;
}

/// One bias per output channel, spread when a single value stands for all.
std::vector<float> biasOf(const Operator& op, std::int64_t channels)
{
    const auto given = floatsOf(op.constants, 2);
    std::vector<float> bias(given.begin(), given.end());
    if (bias.size() == 1 && channels > 1) {
        bias.assign(static_cast<std::size_t>(channels), given[0]);
    }
    return bias;
}

struct NamedKernel
{
    std::string implementation;
    LinearKernel run;
};

/// oneDNN's Relu and Clip behind a sum turn NaN into a number. Where values or weights are not finite, the
/// sum is made by a kernel without them (made anew each time: such data are rare) and NaN stays.
template <typename Kernel, typename KernelShape>
NamedKernel keepingNan(const KernelShape& shape, const Operator& op, std::vector<float> bias)
{
    const auto kernel =
        std::make_shared<Kernel>(shape, op.constants[1]->as<float>(), bias, op.activation, residualOf(op));
    const bool isCut = op.activation.kind != kernels::Activation::Kind::None;
    const bool isTame = kernels::allFinite(op.constants[1]->as<float>()) && kernels::allFinite(bias);
    const auto run = [=, weights = *op.constants[1], activation = op.activation,
                      residual = residualOf(op)](const Tensor& src, TensorBuilder& dst, const Tensor& other) {
        const auto sum = residual == kernels::Residual::Add ? other.as<float>() : std::span<const float>{};
        if (!isCut || (isTame && kernels::allFinite(src.as<float>()) && kernels::allFinite(sum))) {
            return kernel->execute(src.as<float>(), dst.as<float>(), sum);
        }
        Kernel(shape, weights.as<float>(), bias, {}, residual).execute(src.as<float>(), dst.as<float>(), sum);
        kernels::activate(activation, dst.as<float>(), dst.as<float>());
    };
    return {kernel->implementation(), run};
}

Executable convolution(const OperatorGraph& graph, const Operator& op)
{
    const auto shape = convolutionShapeOf(graph, op);
    const auto kernel = keepingNan<kernels::FloatConvolution>(shape, op, biasOf(op, shape.dstChannels));
    return linearExecutable(kernel.implementation, DataType::Float32, graph.value(op.outputs[0]).shape,
                            Layout::ChannelsLast, op.residual, kernel.run);
}

kernels::MatMulShape matMulShape(const OperatorGraph& graph, const Operator& op)
{
    const Shape& a = graph.value(op.inputs[0]).shape;
    const Shape& b = op.constants[1]->shape();
    kernels::MatMulShape shape;
    shape.k = a.back();
    shape.m = elementCount(a) / std::max<std::int64_t>(shape.k, 1);
    shape.transposedB = op.type == "Gemm" && op.node.integer("transB", 0);
    shape.n = shape.transposedB ? b[0] : b[1];
    return shape;
}

Executable matMul(const OperatorGraph& graph, const Operator& op)
{
    const auto shape = matMulShape(graph, op);
    const auto kernel = keepingNan<kernels::FloatMatMul>(shape, op, biasOf(op, shape.n));
    return linearExecutable(kernel.implementation, DataType::Float32, graph.value(op.outputs[0]).shape,
                            Layout::RowMajor, op.residual, kernel.run);
}

/// Gemm as plain A·B + bias per column; anything else takes the readable evaluation.
bool isPlainMatMul(const OperatorGraph& graph, const Operator& op)
{
    if (op.constants.size() < 2 || !op.constants[1] || op.constants[1]->rank() != 2
        || op.constants[1]->type() != DataType::Float32 || graph.value(op.inputs[0]).shape.size() < 2) {
        return false;
    }
    return !op.node.integer("transA", 0) && op.node.real("alpha", 1.0f) == 1.0f
        && op.node.real("beta", 1.0f) == 1.0f && hasPlainBias(op);
}

std::optional<kernels::BinaryOperation> binaryOperation(const std::string& type)
{
    using Operation = kernels::BinaryOperation;
    if (type == "Add") {
        return Operation::Add;
    }
    if (type == "Sub") {
        return Operation::Sub;
    }
    if (type == "Mul") {
        return Operation::Mul;
    }
    return type == "Div" ? std::optional(Operation::Div) : std::nullopt;
}

/// Holds a copy: an operator that was changed for one measurement goes before what was compiled of it.
Executable generic(const Operator& op)
{
    return {"reference", "reference:" + op.type,
            [copy = std::make_shared<const Operator>(op)](std::span<const Tensor> inputs) {
                return evaluateOperator(*copy, inputs);
            }};
}

Executable binary(const OperatorGraph& graph, const Operator& op, kernels::BinaryOperation operation)
{
    const Shape& dstShape = graph.value(op.outputs[0]).shape;
    const auto layout =
        repeatingLayout(graph.value(op.inputs[0]).shape, graph.value(op.inputs[1]).shape, dstShape);
    if (!layout) {
        return generic(op);
    }
    const auto activation = op.activation;
    const auto constants = op.constants;
    return {"noisefloor", "elementwise", [=](std::span<const Tensor> inputs) {
                const auto operand = [&](std::size_t i) {
                    return alignedOperand(constants[i] ? *constants[i] : inputs[i], dstShape.size(), *layout);
                };
                const Tensor a = operand(0);
                const Tensor b = operand(1);
                TensorBuilder dst(DataType::Float32, dstShape, *layout);
                kernels::binary(operation, a.as<float>(), b.as<float>(), dst.as<float>(), activation);
                return std::vector{std::move(dst).finish()};
            }};
}

std::optional<kernels::Activation> unaryActivation(const Operator& op)
{
    using Kind = kernels::Activation::Kind;
    if (op.type == "Relu") {
        return kernels::Activation{Kind::Relu};
    }
    if (op.type == "LeakyRelu") {
        return kernels::Activation{Kind::LeakyRelu, op.node.real("alpha", 0.01f)};
    }
    if (op.type == "HardSwish") {
        return kernels::Activation{Kind::HardSwish};
    }
    if (op.type == "Sigmoid") {
        return kernels::Activation{Kind::Sigmoid};
    }
    return std::nullopt;
}

Executable activation(const Operator& op, const kernels::Activation& function)
{
    (void)op;
    return {"noisefloor", "elementwise", [=](std::span<const Tensor> inputs) {
                TensorBuilder dst(DataType::Float32, inputs[0].shape(), inputs[0].layout());
                kernels::activate(function, inputs[0].as<float>(), dst.as<float>());
                return std::vector{std::move(dst).finish()};
            }};
}

Executable pooling(const OperatorGraph& graph, const Operator& op)
{
    const auto shape = poolingShapeOf(graph, op);
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const bool isMax = op.type == "MaxPool" || op.type == "GlobalMaxPool";
    const auto padding = op.node.integer("count_include_pad", 0) ? kernels::PaddingCount::Include
                                                                 : kernels::PaddingCount::Exclude;
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(DataType::Float32, dstShape, Layout::ChannelsLast);
                if (isMax) {
                    kernels::maxPool(shape, src.as<float>(), dst.as<float>());
                } else {
                    kernels::averagePool(shape, padding, src.as<float>(), dst.as<float>());
                }
                return std::vector{std::move(dst).finish()};
            }};
}

/// Factor and addend by channel lie in inputs 1 and 2.
Executable elementwiseLinear(const Operator& op)
{
    const Tensor factor = *op.constants[1];
    const Tensor addend = *op.constants[2];
    return {"noisefloor", "elementwise-linear", [=](std::span<const Tensor> inputs) {
                const Tensor& src = inputs[0];
                const auto channels = static_cast<std::size_t>(factor.count());
                const bool isLast = src.layout() == Layout::ChannelsLast && src.rank() >= 3;
                const auto plane =
                    static_cast<std::size_t>(isLast ? 1 : elementCount(std::span(src.shape()).subspan(2)));
                TensorBuilder dst(DataType::Float32, src.shape(), src.layout());
                kernels::elementwiseLinear(src.as<float>(), {channels, std::max<std::size_t>(plane, 1)},
                                           factor.as<float>(), addend.as<float>(), dst.as<float>());
                return std::vector{std::move(dst).finish()};
            }};
}

Executable softmax(const OperatorGraph& graph, const Operator& op)
{
    const Shape shape = graph.value(op.inputs[0]).shape;
    const bool perAxis = op.node.version >= 13; // before, everything from the axis on is one vector
    const auto axis =
        static_cast<std::size_t>(normalizedAxis(op.node.integer("axis", perAxis ? -1 : 1), shape.size()));
    std::int64_t outer = 1;
    std::int64_t n = 1;
    std::int64_t inner = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        (i < axis ? outer : i == axis || !perAxis ? n : inner) *= shape[i];
    }
    return {"noisefloor", "softmax", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::RowMajor);
                TensorBuilder dst(DataType::Float32, shape);
                kernels::softmax(src.as<float>(), outer, n, inner, dst.as<float>());
                return std::vector{std::move(dst).finish()};
            }};
}

bool isFloat(const OperatorGraph& graph, ValueId id)
{
    return id != kNoValue && graph.value(id).type == DataType::Float32;
}

bool isFloatBinary(const OperatorGraph& graph, const Operator& op)
{
    return op.inputs.size() == 2 && isFloat(graph, op.inputs[0]) && isFloat(graph, op.inputs[1]);
}

} // namespace

Executable compileFloat(const OperatorGraph& graph, const Operator& op, Backend backend)
{
    if (op.type == "Input") {
        const Layout layout = graph.value(op.outputs[0]).type == DataType::Float32
            ? kernelLayout(graph.value(op.outputs[0]).shape)
            : Layout::RowMajor;
        return {"noisefloor", "input", [layout](std::span<const Tensor> inputs) {
                    return std::vector{toLayout(inputs[0], layout)};
                }};
    }
    const bool fast = backend != Backend::Reference && op.node.domain.empty() && !op.outputs.empty()
        && isFloat(graph, op.outputs[0])
        && std::ranges::count_if(op.outputs, [](ValueId id) { return id != kNoValue; }) == 1;
    if (isReshape(op) && op.node.hasOutput(0)
        && std::ranges::count_if(op.outputs, [](ValueId id) { return id != kNoValue; }) == 1) {
        return compileReshape(graph, op);
    }
    if (!fast) {
        return generic(op);
    }
    if ((op.type == "Conv" || op.type == "ConvTranspose") && op.constants[1]
        && (op.inputs.size() < 3 || op.inputs[2] == kNoValue || op.constants[2])) {
        return bounded(convolution(graph, op), graph, op, std::nullopt);
    }
    if ((op.type == "Gemm" || op.type == "MatMul") && isPlainMatMul(graph, op)) {
        return bounded(matMul(graph, op), graph, op, std::nullopt);
    }
    if (const auto operation = binaryOperation(op.type); operation && isFloatBinary(graph, op)) {
        return binary(graph, op, *operation);
    }
    if (const auto function = unaryActivation(op)) {
        return activation(op, *function);
    }
    if (op.type == "MaxPool" || op.type == "AveragePool" || op.type == "GlobalMaxPool"
        || op.type == "GlobalAveragePool") {
        return pooling(graph, op);
    }
    if (op.type == "ElementwiseLinear") {
        return elementwiseLinear(op);
    }
    if (op.type == "Softmax") {
        return softmax(graph, op);
    }
    if (op.type == "Concat") {
        return compileConcat(graph, op);
    }
    if (op.type == "Transpose") {
        return compileTranspose(graph, op);
    }
    if (op.type == "Resize" || op.type == "Upsample") {
        if (auto resize = compileResize(graph, op)) {
            return std::move(*resize);
        }
    }
    return generic(op);
}

} // namespace core
