#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/execution/movement_executable.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

namespace core {

namespace {

Executable compileIntegerInput(const IntegerContext& c)
{
    const QuantizationParams params = c.params(c.op.outputs[0]);
    const Layout layout = kernelLayout(c.dstShape());
    return {"noisefloor", "quantize", [=](std::span<const Tensor> inputs) {
                return std::vector{quantized(toLayout(inputs[0], layout), params)};
            }};
}

/// A constant pad value becomes its code; without one padding is zero, whose code is the zero point.
Operator withCodedPadValue(const IntegerContext& c)
{
    Operator op = c.op;
    const QuantizationParams& params = c.params(op.inputs[0]);
    float value = op.node.real("value", 0.0f);
    if (op.constants.size() > 2 && op.constants[2]) {
        value = static_cast<float>(doublesOf(*op.constants[2]).front());
    }
    const Tensor code = quantized(makeTensor<float>({}, std::array{value}), params);
    if (op.node.find("pads")) { // before opset 11 pads and value are attributes
        op.node.attributes["value"] = static_cast<float>(doublesOf(code).front());
        return op;
    }
    op.inputs.resize(std::max<std::size_t>(op.inputs.size(), 3), kNoValue);
    op.node.inputs.resize(op.inputs.size(), kNoValue);
    op.constants.resize(op.inputs.size());
    // The readable evaluation asks the node whether the input is there; any value but kNoValue says so.
    op.inputs[2] = op.node.inputs[2] = op.inputs[0];
    op.constants[2] = code;
    return op;
}

/// Movement of codes by the operator's own evaluation, which does not care what the elements mean.
Executable compileMovement(const IntegerContext& c)
{
    const auto op = std::make_shared<const Operator>(c.op.type == "Pad" ? withCodedPadValue(c) : c.op);
    return {"noisefloor", "move:" + op->type, [op](std::span<const Tensor> inputs) {
                std::vector<Tensor> operands(inputs.begin(), inputs.end());
                operands.resize(op->inputs.size());
                return evaluateOperator(*op, operands);
            }};
}

/// Gather from a constant: the table is quantized once, to the params of the result.
Executable compileEmbedding(const IntegerContext& f)
{
    const auto op = std::make_shared<Operator>(f.op);
    op->constants[0] = quantized(*f.constant(0), f.params(f.op.outputs[0]));
    return Executable{"noisefloor", "embedding", [op](std::span<const Tensor> inputs) {
                          std::vector<Tensor> operands(inputs.begin(), inputs.end());
                          operands.resize(op->inputs.size());
                          return evaluateOperator(*op, operands);
                      }};
}

} // namespace

IntegerForm integerInput()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Input); }, compileIntegerInput};
}

IntegerForm integerTranspose()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Inherits) && c.op.type == "Transpose"; },
            [](const IntegerContext& c) { return compileTranspose(c.graph, c.op); }};
}

IntegerForm integerNearestResize()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::Inherits) && c.traits().kind == OperatorKind::Resampling
                    && compileResize(c.graph, c.op).has_value();
            },
            [](const IntegerContext& c) { return *compileResize(c.graph, c.op); }};
}

IntegerForm integerReshape()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Inherits) && isReshape(c.op); },
            [](const IntegerContext& c) { return compileReshape(c.graph, c.op); }};
}

/// The readable evaluations of Relu and the pools know codes of 8 bits only; through FP32 wider ones are
/// exact, as the largest real has the largest code.
IntegerForm integerMovement()
{
    return {[](const IntegerContext& c) {
                const bool isNarrow = c.op.type == "Relu" || c.traits().pool == PoolForm::Max;
                return c.is(QuantizedKind::Inherits) && !(isNarrow && c.hasWideInput());
            },
            compileMovement};
}

/// Codes of any width.
IntegerForm integerEmbedding()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::OwnRange) && c.op.type == "Gather" && c.constant(0)
                    && c.constant(0)->type() == DataType::Float32;
            },
            compileEmbedding};
}

} // namespace core
