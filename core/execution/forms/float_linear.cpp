#include "core/execution/forms/float_form.h"

#include "core/execution/bounded_executable.h"
#include "core/execution/executable_support.h"
#include "core/network/gemm_form.h"
#include "core/network/window_shapes.h"
#include "kernels/float/elementwise.h"
#include "kernels/float/finite.h"
#include "kernels/float/float_convolution.h"
#include "kernels/float/float_matmul.h"

#include <algorithm>
#include <memory>

namespace core {

namespace {

std::span<const float> constantFloats(const std::vector<std::optional<Tensor>>& constants, std::size_t i)
{
    return i < constants.size() && constants[i] ? constants[i]->as<float>() : std::span<const float>{};
}

kernels::Residual residualOf(const Operator& op)
{
    return op.residual ? kernels::Residual::Add : kernels::Residual::None;
}

/// One bias per output channel, spread when a single value stands for all.
std::vector<float> spreadBias(const Operator& op, std::int64_t channels)
{
    const auto given = constantFloats(op.constants, 2);
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

Executable compileFloatConvolution(const OperatorGraph& graph, const Operator& op)
{
    const auto shape = convolutionShapeOf(graph, op);
    const auto kernel = keepingNan<kernels::FloatConvolution>(shape, op, spreadBias(op, shape.dstChannels));
    return linearExecutable(kernel.implementation, DataType::Float32, graph.value(op.outputs[0]).shape,
                            Layout::ChannelsLast, op.residual, kernel.run);
}

Executable compileFloatMatMul(const OperatorGraph& graph, const Operator& op)
{
    const auto shape = matMulShapeOf(graph, op);
    const auto kernel = keepingNan<kernels::FloatMatMul>(shape, op, spreadBias(op, shape.n));
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

} // namespace

FloatForm floatConvolution()
{
    return {[](const FloatContext& c) {
                const bool hasConstantBias =
                    c.op.inputs.size() < 3 || c.op.inputs[2] == kNoValue || c.op.constants[2];
                return c.isFast() && isConvolution(c.op.type) && c.op.constants[1] && hasConstantBias;
            },
            [](const FloatContext& c) {
                return bounded(compileFloatConvolution(c.graph, c.op), c.graph, c.op, std::nullopt);
            }};
}

FloatForm floatMatMul()
{
    return {[](const FloatContext& c) {
                return c.isFast() && isLinear(c.op.type) && !isConvolution(c.op.type)
                    && isPlainMatMul(c.graph, c.op);
            },
            [](const FloatContext& c) {
                return bounded(compileFloatMatMul(c.graph, c.op), c.graph, c.op, std::nullopt);
            }};
}

} // namespace core
