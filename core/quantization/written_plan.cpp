#include "core/quantization/written_plan.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_constants.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

const WrittenConstant* writtenConstant(const OperatorGraph& graph, const Operator& op, std::size_t i)
{
    if (!graph.written || i >= op.inputs.size() || op.inputs[i] == kNoValue || !op.constants[i]) {
        return nullptr;
    }
    const Value& value = graph.value(op.inputs[i]);
    const auto it = graph.written->constants.find(value.name);
    const bool isUnchanged = value.constant && value.constant->data() == op.constants[i]->data();
    return it != graph.written->constants.end() && isUnchanged ? &it->second : nullptr;
}

/// What brings unsigned codes to s8: u8 with zero point 128 is s8 with zero point 0, u4 with 8 is s4 with 0.
std::int32_t offsetOf(const QuantizationParams& params)
{
    return params.type == DataType::UInt8 ? 1 << (params.bits - 1) : 0;
}

/// Codes as s8; none where that takes a zero point and `zeroPoints` has no form of it.
std::optional<std::vector<std::int8_t>> signedCodes(const WrittenConstant& constant, bool zeroPoints)
{
    const std::int32_t offset = offsetOf(constant.params);
    const bool is8Bit = constant.params.type == DataType::UInt8 || constant.params.type == DataType::Int8;
    const bool isSymmetric =
        std::ranges::all_of(constant.params.zeroPoint, [&](std::int32_t z) { return z == offset; });
    if (!is8Bit || (!isSymmetric && !zeroPoints)) {
        return std::nullopt;
    }
    std::vector<std::int8_t> codes;
    for (const std::int64_t code : integersOf(constant.codes)) {
        codes.push_back(static_cast<std::int8_t>(code - offset));
    }
    return codes;
}

void addBias(const OperatorGraph& graph, const Operator& op, const QuantizationParams& src,
             QuantizedWeights& weights)
{
    if (op.constants.size() < 3 || !op.constants[2]) {
        return;
    }
    const WrittenConstant* written = writtenConstant(graph, op, 2);
    const auto real = doublesOf(*op.constants[2]);
    const auto codes = written ? integersOf(written->codes) : std::vector<std::int64_t>{};
    const auto channels = static_cast<std::size_t>(outputChannels(op.node, *op.constants[1]));
    bool isReal = false; // the model holds it in float and adds it to the reals
    for (std::size_t c = 0; c < channels; ++c) {
        const double scale =
            static_cast<double>(src.scale[0]) * weights.params.scale[weights.params.axis ? c : 0];
        const std::size_t k = real.size() == 1 ? 0 : c;
        const double exact = real[k] / scale;
        // The model's own code where it stands for the same number; FP32 cannot hold all of its bits.
        const bool isOwn = !codes.empty()
            && std::fabs(static_cast<double>(codes[k]) - exact) <= 1e-5 * std::fabs(exact) + 0.5;
        isReal =
            isReal || (!written && std::fabs(exact - std::nearbyint(exact)) > 1e-5 * std::fabs(exact) + 1e-3);
        const double code = isOwn ? static_cast<double>(codes[k]) : std::nearbyint(exact);
        weights.bias.push_back(static_cast<std::int32_t>(std::clamp(code, -2147483647.0, 2147483647.0)));
    }
    if (isReal) {
        weights.bias.clear();
    }
}

WeightError errorOf(const Tensor& real, const QuantizedWeights& weights, std::size_t stride)
{
    const auto values = real.as<float>();
    double error = 0.0;
    double signal = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t c = weights.params.axis ? i / stride % weights.params.scale.size() : 0;
        const double d = values[i]
            - static_cast<double>(weights.params.scale[c]) * (weights.codes[i] - weights.params.zeroPoint[c]);
        error += d * d;
        signal += static_cast<double>(values[i]) * values[i];
    }
    WeightError result;
    result.relativeL2 = signal > 0.0 ? std::optional(std::sqrt(error / signal)) : std::nullopt;
    return result;
}

} // namespace

const QuantizationParams* writtenParams(const OperatorGraph& graph, ValueId id)
{
    if (!graph.written || id == kNoValue) {
        return nullptr;
    }
    const auto it = graph.written->values.find(graph.value(id).name);
    return it == graph.written->values.end() || it->second.scale.empty() ? nullptr : &it->second;
}

bool isWrittenDynamic(const OperatorGraph& graph, ValueId id)
{
    if (!graph.written || id == kNoValue) {
        return false;
    }
    const auto it = graph.written->values.find(graph.value(id).name);
    return it != graph.written->values.end() && it->second.scale.empty();
}

std::shared_ptr<const QuantizedWeights> writtenWeights(const OperatorGraph& graph, const Operator& op,
                                                       std::size_t operand, const QuantizationParams* src)
{
    const WrittenConstant* constant = writtenConstant(graph, op, operand);
    // Sums of a source that is quantized at run time take the weights' zero points into account.
    const bool isDynamic = operand == 1 && src && isWrittenDynamic(graph, op.inputs[0]);
    auto codes = constant ? signedCodes(*constant, isDynamic) : std::nullopt;
    if (!codes) {
        return nullptr;
    }
    const Tensor& real = *op.constants[operand];
    const bool perChannel = constant->params.isPerChannel();
    const auto axis = static_cast<std::int64_t>(weightAxes(op.node, real.rank()).result);
    const bool isGrouped = isTransposedConvolution(op.type) && convolutionGroups(op.node) != 1;
    if (perChannel && (!src || normalizedAxis(*constant->params.axis, real.rank()) != axis || isGrouped)) {
        return nullptr;
    }
    auto result = std::make_shared<QuantizedWeights>();
    result->method = kWrittenMethod;
    result->granularity = perChannel ? "per-channel" : "per-tensor";
    result->codes = std::move(*codes);
    result->params = constant->params;
    result->params.type = DataType::Int8;
    result->params.codes = {-(1 << (result->params.bits - 1)), (1 << (result->params.bits - 1)) - 1};
    for (std::int32_t& zeroPoint : result->params.zeroPoint) {
        zeroPoint -= offsetOf(constant->params);
    }
    result->channelScale = result->params.scale;
    if (perChannel) {
        result->params.axis = static_cast<int>(axis);
    }
    for (const float scale : result->params.scale) {
        result->threshold.push_back({static_cast<double>(result->params.codes.lowest) * scale,
                                     static_cast<double>(result->params.codes.highest) * scale});
    }
    std::size_t stride = 1;
    for (std::size_t k = static_cast<std::size_t>(axis) + 1; k < real.rank(); ++k) {
        stride *= static_cast<std::size_t>(real.shape()[k]);
    }
    result->error = errorOf(real, *result, stride);
    if (src && !isDynamic) { // else the bias is added to the result
        addBias(graph, op, *src, *result);
    }
    return result;
}

} // namespace core
