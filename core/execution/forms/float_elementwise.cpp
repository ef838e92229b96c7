#include "core/execution/forms/float_form.h"

#include "core/execution/executable_support.h"
#include "core/network/activation_rules.h"
#include "kernels/float/elementwise.h"
#include "kernels/float/elementwise_linear.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace core {

namespace {

std::optional<Layout> binaryLayout(const FloatContext& c)
{
    return repeatingLayout(c.graph.value(c.op.inputs[0]).shape, c.graph.value(c.op.inputs[1]).shape,
                           c.dstShape());
}

Executable compileFloatBinary(const FloatContext& c)
{
    const Shape dstShape = c.dstShape();
    const auto operation = *c.traits().binary;
    const auto layout = binaryLayout(c);
    const auto activation = c.op.activation;
    const auto constants = c.op.constants;
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

/// Clip runs as its readable evaluation, whose bounds may be of any kind; so does what has no kernel.
std::optional<kernels::Activation> kernelActivation(const Operator& op)
{
    const auto kind = traitsOf(op.type).activation;
    return kind == kernels::Activation::Kind::Clip || !kernels::hasKernel(kind) ? std::nullopt
                                                                                : activationOf(op);
}

Executable compileFloatActivation(const FloatContext& c)
{
    const auto function = *kernelActivation(c.op);
    return {"noisefloor", "elementwise", [=](std::span<const Tensor> inputs) {
                TensorBuilder dst(DataType::Float32, inputs[0].shape(), inputs[0].layout());
                kernels::activate(function, inputs[0].as<float>(), dst.as<float>());
                return std::vector{std::move(dst).finish()};
            }};
}

/// Factor and addend by channel lie in inputs 1 and 2.
Executable compileFloatElementwiseLinear(const FloatContext& c)
{
    const Tensor factor = *c.op.constants[1];
    const Tensor addend = *c.op.constants[2];
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

} // namespace

FloatForm floatBinary()
{
    return {[](const FloatContext& c) {
                return c.isFast() && c.traits().binary && c.op.inputs.size() == 2 && c.isFloat(c.op.inputs[0])
                    && c.isFloat(c.op.inputs[1]) && binaryLayout(c);
            },
            compileFloatBinary};
}

FloatForm floatActivation()
{
    return {[](const FloatContext& c) { return c.isFast() && kernelActivation(c.op).has_value(); },
            compileFloatActivation};
}

FloatForm floatElementwiseLinear()
{
    return {[](const FloatContext& c) { return c.isFast() && c.op.type == "ElementwiseLinear"; },
            compileFloatElementwiseLinear};
}

} // namespace core
