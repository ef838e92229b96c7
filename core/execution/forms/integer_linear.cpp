#include "core/execution/forms/integer_form.h"

#include "core/execution/bounded_executable.h"
#include "core/execution/dynamic_executable.h"
#include "core/execution/emulated_executable.h"
#include "core/execution/executable_support.h"
#include "core/network/window_shapes.h"
#include "core/quantization/written_plan.h"
#include "kernels/int8/quantized_convolution.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace core {

namespace {

Executable integerConvolution(const IntegerContext& c)
{
    kernels::QuantizedConvolutionSpec spec;
    spec.shape = convolutionShapeOf(c.graph, c.op);
    spec.weights = c.resolved.weights->codes;
    spec.weightScale = c.resolved.weights->params.scale;
    spec.weightZeroPoint = c.resolved.weights->params.zeroPoint;
    spec.bias = c.resolved.weights->bias;
    spec.src = c.format(c.op.inputs[0]);
    spec.dst = c.dstFormat();
    spec.activation = c.op.activation;
    if (c.op.residual) {
        spec.residual = c.format(c.op.inputs[*c.op.residual]);
    }
    const auto kernel = std::make_shared<kernels::QuantizedConvolution>(spec, c.integerBackend());
    const Shape dstShape = c.dstShape();
    const DataType dstType = c.dstType();
    const auto residual = c.op.residual;
    return linearExecutable(kernel->implementation(), dstType, dstShape, Layout::ChannelsLast, c.op.residual,
                            [=](const Tensor& src, TensorBuilder& dst, const Tensor& other) {
                                kernel->execute(bytesOf(src), bytesOf(dst),
                                                residual ? bytesOf(other) : std::span<const std::byte>{});
                            });
}

Executable integerProduct(const IntegerContext& c)
{
    kernels::QuantizedMatMulSpec spec;
    spec.shape = matMulShapeOf(c.graph, c.op);
    spec.b = std::as_bytes(std::span(c.resolved.weights->codes));
    spec.bScale = c.resolved.weights->params.scale;
    spec.bZeroPoint = c.resolved.weights->params.zeroPoint;
    spec.bias = c.resolved.weights->bias;
    spec.a = c.format(c.op.inputs[0]);
    spec.dst = c.dstFormat();
    spec.activation = c.op.activation;
    if (c.op.residual) {
        spec.residual = c.format(c.op.inputs[*c.op.residual]);
    }
    const auto kernel = std::make_shared<kernels::QuantizedMatMul>(spec, c.integerBackend());
    const Shape dstShape = c.dstShape();
    const DataType dstType = c.dstType();
    const auto residual = c.op.residual;
    return linearExecutable(kernel->implementation(), dstType, dstShape, Layout::RowMajor, c.op.residual,
                            [=](const Tensor& src, TensorBuilder& dst, const Tensor& other) {
                                kernel->execute(bytesOf(src), bytesOf(dst),
                                                residual ? bytesOf(other) : std::span<const std::byte>{});
                            });
}

/// A bias that a quantized model holds in float is added to the reals behind the integer product.
bool hasRealBias(const IntegerContext& c)
{
    const QuantizedWeights& weights = *c.resolved.weights;
    return weights.method == kWrittenMethod && weights.bias.empty() && c.op.constants.size() > 2
        && c.op.constants[2].has_value();
}

Executable linearWithRealBias(const IntegerContext& c)
{
    Operator plain = c.op;
    plain.activation = {};
    plain.residual.reset();
    ResolvedOperator product = c.resolved;
    product.writesCodes = false;
    const bool hasWindows = isConvolution(c.op.type);
    const IntegerContext bare{c.graph, plain, product, c.plan, c.id};
    const auto inner =
        std::make_shared<const Executable>(hasWindows ? integerConvolution(bare) : integerProduct(bare));
    const auto given = c.op.constants[2]->as<float>();
    const std::vector<float> bias(given.begin(), given.end());
    const auto activation = c.op.activation;
    const auto residual = c.op.residual;
    const auto other = residual ? std::optional(c.params(c.op.inputs[*residual])) : std::nullopt;
    const auto dst = c.resolved.writesCodes ? std::optional(c.params(c.op.outputs[0])) : std::nullopt;
    const auto channels =
        static_cast<std::size_t>(hasWindows ? c.dstShape()[1] : c.dstShape().back()); // last in memory
    return {inner->backend, inner->implementation + "+bias", [=](std::span<const Tensor> inputs) {
                const Tensor sums = inner->run(inputs)[0];
                const Tensor added =
                    residual ? toLayout(dequantized(inputs[*residual], *other), sums.layout()) : Tensor();
                TensorBuilder real(DataType::Float32, sums.shape(), sums.layout());
                for (std::size_t i = 0; i < real.as<float>().size(); ++i) {
                    const float sum = sums.as<float>()[i] + bias[bias.size() == 1 ? 0 : i % channels]
                        + (residual ? added.as<float>()[i] : 0.0f);
                    real.as<float>()[i] = kernels::apply(activation, sum);
                }
                const Tensor y = std::move(real).finish();
                return std::vector{dst ? quantized(y, *dst) : y};
            }};
}

/// On codes, or on codes chosen at run time, in the arithmetic of the plan.
Executable compileIntegerLinear(const IntegerContext& c)
{
    if (c.plan.values[indexOf(c.op.inputs[0])]->isDynamic) {
        return compileDynamic(c.graph, c.id, c.plan);
    }
    if (hasRealBias(c)) {
        return linearWithRealBias(c);
    }
    if (c.resolved.arithmetic.emulated) {
        return compileEmulatedLinear(c.graph, c.id, c.plan);
    }
    return isConvolution(c.op.type) ? integerConvolution(c) : integerProduct(c);
}

} // namespace

IntegerForm integerLinear()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Linear); },
            [](const IntegerContext& c) {
                return bounded(compileIntegerLinear(c), c.graph, c.op,
                               c.resolved.writesCodes ? std::optional(c.params(c.op.outputs[0]))
                                                      : std::nullopt);
            }};
}

} // namespace core
