#include "io/exports/qdq/operators.h"

#include "core/graph/operator_traits.h"
#include "io/exports/qdq/bounds.h"
#include "io/exports/qdq/constants.h"

#include <fmt/format.h>

namespace io {

namespace {

using core::Operator;
using core::OperatorId;
using core::QuantizedKind;
using core::ValueId;

/// ONNX Runtime 1.21 and later quantizes the float weights of an operator between DequantizeLinear and
/// QuantizeLinear by itself. Max of one tensor, which nothing removes, stands between them.
bool mustBeKeptFloat(const QdqContext& context, OperatorId id)
{
    const Operator& op = context.graph.at(id);
    // QLinearSoftmax, which ONNX Runtime (seen in 1.30) makes of it, wraps: codes above 255 become 0, and so
    // does the whole of a row of one key whatever the scale.
    if (op.type == "Softmax" && context.isQuantized(op.outputs[0])) {
        return true;
    }
    const bool isFloat = context.plan.operators[core::indexOf(id)].kind == QuantizedKind::None
        && core::isLinear(op.type) && !core::isMatMul(op.type);
    return (isFloat || context.weightFormOf(id) == WeightForm::Float) && context.isCodes(op.inputs[0])
        && context.isQuantized(op.result()) && !op.residual;
}

/// ONNX Runtime (seen in 1.30) fails to load a Clip in front of a QuantizeLinear of 4 bits, which it tries to
/// merge.
bool clipsIntoFourBits(const QdqContext& context, OperatorId id)
{
    const Operator& op = context.graph.at(id);
    const ValueId y = op.result();
    const bool isClip = op.activation.kind == kernels::Activation::Kind::Clip || op.type == "Clip";
    return isClip && context.isQuantized(y)
        && context.storageOf(context.paramsOf(y)) == CodeStorage::FourBits;
}

void writeActivation(QdqContext& context, const Operator& op, const std::string& from, const std::string& to)
{
    using Kind = kernels::Activation::Kind;
    const auto scalar = [&](const std::string& suffix, float value) {
        const std::string constantName = context.stem(op) + suffix;
        context.writer.initializer(constantName, vectorOf(std::vector<float>{value}, true));
        return constantName;
    };
    const Kind kind = op.activation.kind;
    const std::string type(core::typeOf(kind));
    switch (kind) {
    case Kind::None:
        break;
    case Kind::LeakyRelu:
    case Kind::Elu:
        context.writer.node(type, context.innerName(op, type), {from}, {to},
                            {{"alpha", op.activation.alpha}});
        break;
    case Kind::Clip:
        context.writer.node(
            type, context.innerName(op, type),
            {from, scalar("_clip_min", op.activation.alpha), scalar("_clip_max", op.activation.beta)}, {to});
        break;
    case Kind::HardSwish: // an operator of its own only from opset 14 on
        context.writer.node("HardSigmoid", context.innerName(op, type) + "_HardSigmoid", {from},
                            {to + context.tag + "/gate"}, {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}});
        context.writer.node("Mul", context.innerName(op, type), {from, to + context.tag + "/gate"}, {to});
        break;
    case Kind::Gelu: // of ai.onnx only from opset 20 on
        context.writer.node(type, context.innerName(op, type), {from}, {to}, {}, "com.microsoft");
        break;
    case Kind::Relu:
    case Kind::Sigmoid:
    case Kind::Tanh:
    case Kind::Exp:
    case Kind::Sqrt:
    case Kind::Abs:
        context.writer.node(type, context.innerName(op, type), {from}, {to});
        break;
    }
}

} // namespace

void writeOperator(QdqContext& context, OperatorId id)
{
    const Operator& op = context.graph.at(id);
    std::vector<std::string> inputs;
    const std::size_t count = op.residual.value_or(op.inputs.size());
    for (std::size_t i = 0; i < count; ++i) {
        inputs.push_back(writeInput(context, id, i));
    }
    addCorrectedBias(context, id, inputs);
    const bool biasApart = core::isMatMul(op.type) && inputs.size() > 2 && !inputs[2].empty();
    const std::string bias = biasApart ? inputs[2] : std::string();
    if (core::isMatMul(op.type)) {
        inputs.resize(2);
    }
    while (!inputs.empty() && inputs.back().empty()) {
        inputs.pop_back();
    }
    std::vector<std::string> outputs;
    for (const ValueId output : op.outputs) {
        outputs.push_back(output == core::kNoValue ? std::string() : context.rawName(output));
    }
    while (outputs.size() > 1
           && (outputs.back().empty() || op.type == "Dropout")) { // no reader, or Dropout's mask
        outputs.pop_back();
    }
    if (outputs[0].empty()) { // an LSTM of which only the last state is read: nothing is fused to it
        context.writeForm(op, inputs, outputs);
        return;
    }
    const std::string last = outputs[0];
    std::vector<std::string> steps; // what follows the anchor
    if (biasApart) {
        steps.emplace_back("Bias");
    }
    if (op.residual) {
        steps.emplace_back("Add");
    }
    if (op.activation.kind != kernels::Activation::Kind::None) {
        steps.emplace_back("Activation");
    }
    if (!op.upperBounds.empty()) {
        steps.emplace_back("Bounds");
    }
    const auto stage = [&](std::size_t step) {
        return step == steps.size() ? last : fmt::format("{}{}/{}", last, context.tag, step);
    };
    if (mustBeKeptFloat(context, id) || clipsIntoFourBits(context, id)) {
        steps.emplace_back("Keep");
    }
    outputs[0] = stage(0);
    context.writeForm(op, inputs, outputs);
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (steps[step] == "Bias") {
            context.writer.node("Add", context.stem(op) + "_bias_Add", {stage(step), bias},
                                {stage(step + 1)});
        } else if (steps[step] == "Add") {
            context.writer.node("Add", context.innerName(op, "Add"),
                                {stage(step), writeInput(context, id, *op.residual)}, {stage(step + 1)});
        } else if (steps[step] == "Bounds" && context.isCodes(op.outputs[0])) {
            const ValueId y = op.outputs[0];
            context.writer.node("QuantizeLinear", context.stem(y) + "_unbounded_QuantizeLinear",
                                {stage(step), context.scaleName(y), context.zeroPointName(y)},
                                {context.stem(y) + "_unbounded_quantized"}, {},
                                context.domainOf(context.paramsOf(y)));
            writeBoundsOfCodes(context, op, context.stem(y) + "_unbounded_quantized", stage(step + 1));
        } else if (steps[step] == "Bounds") {
            context.writer.node("Min", context.stem(op) + "_bounds_Min",
                                {stage(step), writeUpperBounds(context, op)}, {stage(step + 1)});
        } else if (steps[step] == "Keep") {
            context.writer.node("Max", context.stem(op) + "_KeepFloat", {stage(step)}, {stage(step + 1)});
        } else {
            writeActivation(context, op, stage(step), stage(step + 1));
        }
    }
}

} // namespace io
