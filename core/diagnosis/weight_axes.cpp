#include "core/diagnosis/weight_axes.h"

#include <vector>

namespace core {

WeightAxes::WeightAxes(const Node& node, const Tensor& weights)
{
    const Shape& shape = weights.shape();
    const auto size = [&](std::size_t axis) { return static_cast<std::size_t>(shape[axis]); };
    const std::size_t rank = weights.rank();
    if (node.type == "MatMul" || (node.type == "Gemm" && !node.integer("transB", 0))) {
        m_order = Order::OutputLast;
        m_channels = size(rank - 1);
        m_sources = rank > 1 ? size(rank - 2) : 1;
        return;
    }
    m_order = node.type == "ConvTranspose" ? Order::SourceFirst : Order::OutputFirst;
    m_groups = node.type == "Gemm" ? 1 : static_cast<std::size_t>(node.integer("group", 1));
    m_channels = m_order == Order::OutputFirst ? size(0) : size(1) * m_groups;
    m_sources = m_order == Order::OutputFirst ? size(1) * m_groups : size(0);
    for (std::size_t axis = 2; axis < rank; ++axis) {
        m_inner *= size(axis);
    }
}

std::size_t WeightAxes::channelOf(std::size_t i) const
{
    const std::size_t perGroup = m_channels / m_groups;
    switch (m_order) {
    case Order::OutputFirst:
        return i / (m_inner * (m_sources / m_groups));
    case Order::SourceFirst:
        return i / (m_inner * perGroup) / (m_sources / m_groups) * perGroup + i / m_inner % perGroup;
    case Order::OutputLast:
        break;
    }
    return i % m_channels;
}

std::size_t WeightAxes::sourceOf(std::size_t i) const
{
    const std::size_t perGroup = m_sources / m_groups;
    switch (m_order) {
    case Order::OutputFirst:
        return channelOf(i) / (m_channels / m_groups) * perGroup + i / m_inner % perGroup;
    case Order::SourceFirst:
        return i / (m_inner * (m_channels / m_groups));
    case Order::OutputLast:
        break;
    }
    return i / m_channels % m_sources;
}

Tensor dequantizedWeights(const Operator& op, const QuantizedWeights& weights)
{
    const Tensor& given = *op.constants[1];
    const WeightAxes axes(op.node, given);
    const QuantizationParams& params = weights.params;
    const auto group = static_cast<std::size_t>(params.group);
    const std::size_t convGroup = op.node.type == "Conv" || op.node.type == "ConvTranspose"
        ? static_cast<std::size_t>(op.node.integer("group", 1))
        : 1;
    const std::size_t sourcesPerGroup = axes.sources() / convGroup;
    const std::size_t perChannel = group > 0 ? (sourcesPerGroup + group - 1) / group : 1;
    TensorBuilder builder(DataType::Float32, given.shape());
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        std::size_t slot = params.isPerChannel() ? axes.channelOf(i) * perChannel : 0;
        if (group > 0) {
            slot += axes.sourceOf(i) % sourcesPerGroup / group;
        }
        dst[i] = params.scale[slot] * static_cast<float>(weights.codeAt(i) - params.zeroPoint[slot]);
    }
    return std::move(builder).finish();
}

std::optional<Operator> withDequantizedConstants(const Operator& op, const QuantizedWeights& weights,
                                                 float srcScale, BiasIn biasIn)
{
    Operator result = op;
    const bool isLinear = !weights.channelScale.empty();
    if (isLinear) {
        result.constants[1] = dequantizedWeights(op, weights);
        if (biasIn == BiasIn::Codes && !weights.bias.empty() && op.constants.size() > 2 && op.constants[2]) {
            std::vector<float> bias(weights.bias.size());
            for (std::size_t c = 0; c < bias.size(); ++c) {
                bias[c] = static_cast<float>(static_cast<double>(srcScale) * weights.channelScale[c]
                                             * weights.bias[c]);
            }
            if (static_cast<std::int64_t>(bias.size()) == op.constants[2]->count()) {
                result.constants[2] = makeTensor<float>(op.constants[2]->shape(), bias);
            }
        }
        return result;
    }
    for (std::size_t i = 0; i < op.constants.size() && i < 2; ++i) {
        if (op.constants[i] && static_cast<std::size_t>(op.constants[i]->count()) == weights.codeCount()) {
            std::vector<float> values(weights.codeCount());
            for (std::size_t k = 0; k < values.size(); ++k) {
                values[k] = weights.params.scale[0]
                    * static_cast<float>(weights.codeAt(k) - weights.params.zeroPoint[0]);
            }
            result.constants[i] = makeTensor<float>(op.constants[i]->shape(), values);
            return result;
        }
    }
    return std::nullopt;
}

} // namespace core
