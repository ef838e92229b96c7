#include "core/graph/code_params.h"

#include "core/graph/operator_traits.h"
#include "core/graph/q_operator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace core {

namespace {

constexpr std::string_view kDequantize = "DequantizeLinear";

/// output_dtype (opset 21) as TensorProto numbers it; 4-bit codes are held as bytes.
DataType outputType(const Node& node)
{
    switch (node.integer("output_dtype", 0)) {
    case 3:
    case 22: // INT4
        return DataType::Int8;
    case 4:
        return DataType::UInt16;
    case 5:
        return DataType::Int16;
    default:
        return DataType::UInt8;
    }
}

/// Held in a wider type.
void narrow(const Node& node, QuantizationParams& params)
{
    const std::int64_t bits = node.integer("code_bits", 0);
    if (bits > 0 && bits < params.bits) {
        params.bits = static_cast<int>(bits);
        params.codes = params.codes.lowest < 0 ? CodeRange{-(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                                               : CodeRange{0, (1 << bits) - 1};
    }
}

} // namespace

const Tensor* constantInput(const Graph& graph, const Node& node, std::size_t i)
{
    if (!node.hasInput(i)) {
        return nullptr;
    }
    const Value& value = graph.value(node.inputs[i]);
    if (value.constant) {
        return &*value.constant;
    }
    if (!value.producer || graph.node(*value.producer).type != "Constant") {
        return nullptr;
    }
    const Attribute* held = graph.node(*value.producer).find("value");
    return held ? std::get_if<Tensor>(held) : nullptr;
}

bool isQuantizeLinear(const Node& node) { return node.type == "QuantizeLinear"; }
bool isDequantizeLinear(const Node& node) { return node.type == kDequantize; }

bool movesCodes(const Node& node) { return node.domain.empty() && traitsOf(node.type).isOnCodes; }

CodeRange wholeCodeRange(DataType type)
{
    switch (type) {
    case DataType::Int8:
        return {-128, 127};
    case DataType::UInt16:
        return {0, 65535};
    case DataType::Int16:
        return {-32768, 32767};
    case DataType::Int32:
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
        return {0, 255};
    }
}

bool isCodeType(DataType type)
{
    return type == DataType::UInt8 || type == DataType::Int8 || type == DataType::UInt16
        || type == DataType::Int16;
}

DataType codeTypeOf(const Graph& graph, ValueId id)
{
    const Value& value = graph.value(id);
    if (value.constant) {
        return value.constant->type();
    }
    if (value.type != DataType::Undefined || !value.producer) {
        return value.type;
    }
    const Node& node = graph.node(*value.producer);
    const auto zeroPointType = [&](std::size_t i) {
        const Tensor* zeroPoint = constantInput(graph, node, i);
        return zeroPoint ? zeroPoint->type() : node.hasInput(i) ? DataType::Undefined : outputType(node);
    };
    if (isQuantizeLinear(node)) {
        return zeroPointType(2);
    }
    if (const auto form = qOperatorOf(node)) {
        return zeroPointType(form->output + 1);
    }
    return movesCodes(node) && node.hasInput(0) ? codeTypeOf(graph, node.inputs[0]) : DataType::Undefined;
}

std::optional<QuantizationParams> codeParamsAt(const Graph& graph, const Node& node, std::size_t i,
                                               std::int64_t axis, DataType fallback)
{
    const Tensor* scale = constantInput(graph, node, i);
    const Tensor* zeroPoint = constantInput(graph, node, i + 1);
    const bool fits = scale && scale->count() > 0
        && (!zeroPoint || zeroPoint->count() == 1 || zeroPoint->count() == scale->count());
    if (!fits || (node.hasInput(i + 1) && !zeroPoint) || scale->rank() > 1
        || node.integer("block_size", 0) != 0) {
        return std::nullopt;
    }
    QuantizationParams params;
    params.type = zeroPoint ? zeroPoint->type() : fallback;
    if (!isCodeType(params.type) && params.type != DataType::Int32) {
        return std::nullopt;
    }
    params.bits = static_cast<int>(8 * sizeOf(params.type));
    params.codes = wholeCodeRange(params.type);
    narrow(node, params);
    for (const double s : doublesOf(*scale)) {
        params.scale.push_back(static_cast<float>(s));
    }
    params.zeroPoint.assign(params.scale.size(), 0);
    if (zeroPoint) {
        const auto zeros = integersOf(*zeroPoint);
        for (std::size_t k = 0; k < params.scale.size(); ++k) {
            params.zeroPoint[k] = static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : k]);
        }
    }
    if (params.scale.size() > 1) {
        params.axis = static_cast<int>(axis);
    }
    const bool isUsable =
        std::ranges::all_of(params.scale, [](float s) { return std::isfinite(s) && s > 0.0f; });
    return isUsable ? std::optional(params) : std::nullopt;
}

QuantizationParams paramsOfBias(const QuantizationParams& src, QuantizationParams weights, float factor)
{
    weights.type = DataType::Int32;
    weights.codes = wholeCodeRange(weights.type);
    for (std::size_t c = 0; c < weights.scale.size(); ++c) {
        weights.scale[c] *= src.scale[0];
        weights.scale[c] *= factor;
        weights.zeroPoint[c] = 0;
    }
    weights.axis = weights.axis ? std::optional(0) : std::nullopt;
    return weights;
}

Node dequantizeNode(std::string name)
{
    Node node;
    node.name = std::move(name);
    node.type = kDequantize;
    node.version = 13;
    return node;
}

int newestOpset(const Graph& graph)
{
    int version = 0;
    for (const Node& node : graph.nodes()) {
        version = node.domain.empty() ? std::max(version, node.version) : version;
    }
    return version > 0 ? version : 13;
}

std::optional<QuantizationParams> paramsOfQuantize(const Graph& graph, const Node& node)
{
    auto params = codeParamsAt(graph, node, 1, node.integer("axis", 1), outputType(node));
    return params && isCodeType(params->type) ? params : std::nullopt;
}

std::optional<QuantizationParams> paramsOfDequantize(const Graph& graph, const Node& node)
{
    return codeParamsAt(graph, node, 1, node.integer("axis", 1), codeTypeOf(graph, node.inputs[0]));
}

Tensor realsOf(const Tensor& codes, const QuantizationParams& params)
{
    const auto integers = integersOf(codes);
    TensorBuilder real(DataType::Float32, codes.shape());
    const auto dst = real.as<float>();
    std::int64_t stride = 1;
    for (auto k = params.axis ? normalizedAxis(*params.axis, codes.rank()) + 1 : std::ssize(codes.shape());
         k < std::ssize(codes.shape()); ++k) {
        stride *= codes.shape()[static_cast<std::size_t>(k)];
    }
    for (std::size_t k = 0; k < dst.size(); ++k) {
        const std::size_t c = params.axis ? k / static_cast<std::size_t>(stride) % params.scale.size() : 0;
        dst[k] = params.scale[c] * static_cast<float>(integers[k] - params.zeroPoint[c]);
    }
    return std::move(real).finish();
}

QuantizationParams dynamicCodes()
{
    QuantizationParams params;
    params.type = DataType::UInt8;
    params.codes = wholeCodeRange(DataType::UInt8);
    params.scale.clear();
    params.zeroPoint.clear();
    return params;
}

} // namespace core
