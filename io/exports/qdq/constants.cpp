#include "io/exports/qdq/constants.h"

#include "core/graph/operator_traits.h"
#include "core/quantization/weight_quantization.h"
#include "io/exports/qdq/blocks.h"

#include <fmt/format.h>
#include <tuple>

namespace io {

namespace {

using core::Operator;
using core::OperatorId;
using core::QuantizationParams;
using core::QuantizedKind;
using core::Tensor;
constexpr std::int64_t kFloat = 1; // TensorProto.FLOAT
using Attributes = std::map<std::string, core::Attribute, std::less<>>;

std::string baseName(const QdqContext& context, const Operator& op, std::size_t i)
{
    return fmt::format("{}_{}", context.stem(op),
                       i == 1       ? "weight"
                           : i == 2 ? "bias"
                                    : "constant" + std::to_string(i));
}

Tensor codesOf(const core::QuantizedWeights& weights, const core::Shape& shape)
{
    std::vector<std::int32_t> codes(weights.codeCount());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = weights.codeAt(i);
    }
    return core::makeTensor<std::int32_t>(shape, std::span<const std::int32_t>(codes));
}

void loseWidth(QdqContext& context, const Operator& op, const QuantizationParams& params)
{
    const CodeStorage storage = context.storageOf(params);
    const int stored = storage == CodeStorage::FourBits ? 4 : storage == CodeStorage::Bytes ? 8 : 16;
    if (params.bits != stored) {
        context.losses.push_back(
            {op.name,
             fmt::format("codes of {} bits of its weights lie in a type of {}", params.bits, stored)});
    }
}

std::string dequantize(QdqContext& context, const std::string& base, const ConstantNames& names,
                       const Attributes& attributes, const std::string& domain)
{
    context.writer.node("DequantizeLinear", base + "_DequantizeLinear",
                        {names.codes, names.scale, names.zeroPoint}, {base + "_DequantizeLinear_Output"},
                        attributes, domain);
    return base + "_DequantizeLinear_Output";
}

/// ONNX Runtime (seen in 1.30) makes QLinearConv and MatMulIntegerToFloat of what directly reads a
/// DequantizeLinear. Max of one tensor is not seen through.
std::string keptFloat(QdqContext& context, const std::string& base, const std::string& reals)
{
    context.writer.node("Max", base + "_KeepFloat", {reals}, {base + "_KeepFloat_Output"});
    return base + "_KeepFloat_Output";
}

/// Along which axis the source channels of one convolution group lie.
std::size_t sourceAxis(const Operator& op)
{
    return core::weightAxes(op.node, op.constants[1]->rank()).source;
}

/// Scales [channel][group] as ONNX wants blocks: a tensor like the weights, but shorter along the source
/// channels.
std::string writeBlocks(QdqContext& context, const Operator& op, const std::string& base,
                        const core::QuantizedWeights& weights)
{
    const core::Shape& shape = op.constants[1]->shape();
    const core::DequantizedWeights real(op, weights);
    const std::size_t axis = sourceAxis(op);
    const std::int64_t size = weights.params.group;
    const BlockLayout blocks(shape, axis, size);
    std::vector<float> scales(static_cast<std::size_t>(core::elementCount(blocks.shape())));
    std::vector<std::int32_t> zeroPoints(scales.size());
    for (std::size_t i = 0; i < weights.codeCount(); ++i) {
        const std::size_t to = blocks.blockOf(i);
        std::tie(scales[to], zeroPoints[to]) = real.paramsAt(i);
    }
    context.writeCodes(base + "_quantized", codesOf(weights, shape), weights.params);
    context.writer.initializer(base + "_scale",
                               core::makeTensor<float>(blocks.shape(), std::span<const float>(scales)));
    context.writeCodes(
        base + "_zero_point",
        core::makeTensor<std::int32_t>(blocks.shape(), std::span<const std::int32_t>(zeroPoints)),
        weights.params);
    const std::string reals = dequantize(
        context, base, {base + "_quantized", base + "_scale", base + "_zero_point"},
        {{"axis", static_cast<std::int64_t>(axis)}, {"block_size", size}}, context.domainOf(weights.params));
    return keptFloat(context, base, reals);
}

std::string writeReals(QdqContext& context, const Operator& op, const std::string& base,
                       const core::QuantizedWeights& weights)
{
    const core::DequantizedWeights real(op, weights);
    std::vector<float> values(weights.codeCount());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(real.at(i));
    }
    context.losses.push_back(
        {op.name,
         fmt::format("{}: written as the FP32 numbers that their codes stand for",
                     weights.params.group > 0 ? "weights in groups of source channels need opset 21 (qdq-21)"
                         : weights.matrixSize > 0
                         ? "a scale for each matrix of several batch axes has no axis"
                         : "per-channel weights of a grouped ConvTranspose have no axis")});
    context.writer.initializer(
        base + "_dequantized",
        core::makeTensor<float>(op.constants[1]->shape(), std::span<const float>(values)));
    return base + "_dequantized";
}

/// Weights behind a DequantizeLinear; returns the name of the float tensor.
std::string writeWeights(QdqContext& context, OperatorId id, std::size_t i)
{
    const Operator& op = context.graph.at(id);
    const core::QuantizedWeights& weights = *context.plan.operators[core::indexOf(id)].weights;
    const std::string base = baseName(context, op, i);
    switch (context.weightFormOf(id)) {
    case WeightForm::Blocked:
        loseWidth(context, op, weights.params);
        return writeBlocks(context, op, base, weights);
    case WeightForm::Float:
        return writeReals(context, op, base, weights);
    case WeightForm::Codes:
        break;
    }
    Attributes attributes;
    if (weights.params.isPerChannel()) {
        attributes["axis"] = static_cast<std::int64_t>(*weights.params.axis);
    }
    const std::string reals = dequantize(context, base, writeWeightCodes(context, op, i, weights), attributes,
                                         context.domainOf(weights.params));
    // QLinearMatMul (seen in 1.30) refuses a scale for each matrix when it runs.
    return weights.matrixSize > 0 ? keptFloat(context, base, reals) : reals;
}

/// Weights that a float operator reads: behind a DequantizeLinear, or a Cast from FP16.
std::string writeLoneWeights(QdqContext& context, OperatorId id)
{
    const Operator& op = context.graph.at(id);
    const core::ResolvedOperator& resolved = context.plan.operators[core::indexOf(id)];
    const std::string base = baseName(context, op, 1);
    std::string reals = base + "_Cast_Output";
    if (resolved.weights) {
        reals = writeWeights(context, id, 1);
    } else {
        context.writer.initializer(base + "_half", core::castTo(*op.constants[1], core::DataType::Float16));
        context.writer.node("Cast", base + "_Cast", {base + "_half"}, {reals}, {{"to", kFloat}});
    }
    if (!context.isCodes(op.inputs[0])) {
        return reals;
    }
    return keptFloat(context, base, reals);
}

std::string writeBias(QdqContext& context, const Operator& op, const core::QuantizedWeights& weights,
                      const QuantizationParams& src)
{
    const std::string base = context.stem(op) + "_bias";
    const bool scalar = !weights.params.isPerChannel();
    // Of weights in groups a channel's largest scale.
    const auto& perChannel = weights.params.group > 0 ? weights.channelScale : weights.params.scale;
    std::vector<float> scale;
    for (const float s : perChannel) {
        scale.push_back(src.scale[0] * s);
    }
    const std::vector<std::int32_t> zero(scale.size(), 0);
    context.writer.initializer(base + "_quantized", vectorOf(weights.bias, false));
    context.writer.initializer(base + "_scale", vectorOf(scale, scalar));
    context.writer.initializer(base + "_zero_point", vectorOf(zero, scalar));
    return dequantize(context, base, {base + "_quantized", base + "_scale", base + "_zero_point"},
                      scalar ? Attributes{} : Attributes{{"axis", std::int64_t{0}}}, "");
}

} // namespace

ConstantNames writeWeightCodes(QdqContext& context, const Operator& op, std::size_t i,
                               const core::QuantizedWeights& weights)
{
    const QuantizationParams& params = weights.params;
    const bool scalar = !params.isPerChannel();
    const std::string base = baseName(context, op, i);
    loseWidth(context, op, params);
    const core::Shape shape =
        scalar ? core::Shape{} : core::Shape{static_cast<std::int64_t>(params.scale.size())};
    context.writeCodes(base + "_quantized", codesOf(weights, op.constants[i]->shape()), params);
    context.writer.initializer(base + "_scale", vectorOf(params.scale, scalar));
    context.writeCodes(base + "_zero_point", zeroPointsOf(params, shape), params);
    return {base + "_quantized", base + "_scale", base + "_zero_point"};
}

std::string writeBiasCodes(QdqContext& context, const Operator& op, const core::QuantizedWeights& weights)
{
    if (weights.bias.empty()) {
        return {};
    }
    const std::string name = context.stem(op) + "_bias_quantized";
    context.writer.initializer(name, vectorOf(weights.bias, false));
    return name;
}

std::string writeInput(QdqContext& context, OperatorId id, std::size_t i)
{
    const Operator& op = context.graph.at(id);
    const core::ResolvedOperator& resolved = context.plan.operators[core::indexOf(id)];
    if (!op.constants[i]) {
        return op.inputs[i] == core::kNoValue
            ? std::string()
            : context.readName(op.inputs[i], resolved.kind != QuantizedKind::None);
    }
    if (resolved.effective.isWeightOnly() && i == 1) {
        return writeLoneWeights(context, id);
    }
    const bool isWeights = (resolved.kind == QuantizedKind::Linear && i == 1)
        || (resolved.kind == QuantizedKind::Binary && i < 2)
        || (resolved.kind == QuantizedKind::OwnRange && resolved.weights && i == 1);
    if (isWeights) {
        return writeWeights(context, id, i);
    }
    if (resolved.kind == QuantizedKind::Linear && i == 2 && !resolved.weights->bias.empty()) {
        return writeBias(context, op, *resolved.weights, context.paramsOf(op.inputs[0]));
    }
    const auto& graphs =
        op.inputs[i] == core::kNoValue ? std::optional<Tensor>() : context.graph.value(op.inputs[i]).constant;
    const bool isGraphs = graphs && graphs->data() == op.constants[i]->data();
    const std::string name = isGraphs ? context.name(op.inputs[i]) : baseName(context, op, i);
    context.writer.initializer(name, *op.constants[i]);
    return name;
}

void addCorrectedBias(QdqContext& context, OperatorId id, std::vector<std::string>& inputs)
{
    const Operator& op = context.graph.at(id);
    const core::ResolvedOperator& resolved = context.plan.operators[core::indexOf(id)];
    const bool isMissing = inputs.size() < 3 || inputs[2].empty();
    if (resolved.kind == QuantizedKind::Linear && resolved.weights && !resolved.weights->bias.empty()
        && isMissing) {
        inputs.resize(3);
        inputs[2] = writeBias(context, op, *resolved.weights, context.paramsOf(op.inputs[0]));
    }
}

} // namespace io
