#include "core/execution/forms/integer_form.h"

#include "core/params/kernel_format.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace core {

namespace {

Tensor dequantizedOperand(const QuantizedWeights& weights, const Shape& shape)
{
    TensorBuilder real(DataType::Float32, shape);
    const auto dst = real.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        const std::size_t slot = weights.matrixSize > 0 ? i / weights.matrixSize : 0;
        dst[i] = weights.params.scale[slot]
            * static_cast<float>(weights.codeAt(i) - weights.params.zeroPoint[slot]);
    }
    return std::move(real).finish();
}

/// Dequantizes, runs the FP32 form, quantizes the result: exact arithmetic on codes up to FP32 rounding.
Executable compileThroughFloat(const IntegerContext& c)
{
    const auto op = std::make_shared<Operator>(c.op); // kept: the float form may refer to it
    for (std::size_t i = 0; c.resolved.weights && i < op->constants.size(); ++i) {
        if (op->constants[i]) { // a constant operand is what its codes say
            op->constants[i] = dequantizedOperand(*c.resolved.weights, op->constants[i]->shape());
        }
    }
    const auto inner = std::make_shared<Executable>(compileFloat(c.graph, *op, c.resolved.backend));
    std::vector<std::optional<QuantizationParams>> inputParams;
    for (std::size_t i = 0; i < c.op.inputs.size(); ++i) {
        const bool activation = c.op.inputs[i] != kNoValue && !c.op.constants[i]
            && c.graph.value(c.op.inputs[i]).type == DataType::Float32;
        inputParams.push_back(activation ? std::optional(c.params(c.op.inputs[i])) : std::nullopt);
    }
    std::vector<std::optional<QuantizationParams>> outputParams;
    for (const ValueId id : c.op.outputs) {
        const bool isCode =
            c.resolved.writesCodes && id != kNoValue && c.plan.values[indexOf(id)].has_value();
        outputParams.push_back(isCode ? std::optional(c.params(id)) : std::nullopt);
    }
    return {"noisefloor", "dequantize+" + inner->implementation + "+quantize",
            [=](std::span<const Tensor> inputs) {
                (void)op;
                std::vector<Tensor> reals(inputs.begin(), inputs.end());
                for (std::size_t i = 0; i < inputParams.size(); ++i) {
                    if (inputParams[i]) {
                        reals[i] = dequantized(inputs[i], *inputParams[i]);
                    }
                }
                std::vector<Tensor> outputs = inner->run(reals);
                outputs.resize(outputParams.size());
                for (std::size_t i = 0; i < outputParams.size(); ++i) {
                    if (outputParams[i]) {
                        outputs[i] = quantized(outputs[i], *outputParams[i]);
                    }
                }
                return outputs;
            }};
}

} // namespace

IntegerForm realsThroughFloat()
{
    return {[](const IntegerContext& c) {
                return !c.resolved.writesCodes && !c.is(QuantizedKind::Linear) && !isMatMul(c.op.type);
            },
            compileThroughFloat};
}

IntegerForm throughFloat()
{
    return {[](const IntegerContext&) { return true; }, compileThroughFloat};
}

} // namespace core
