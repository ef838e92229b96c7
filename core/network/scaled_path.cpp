#include "core/network/scaled_path.h"

#include "core/graph/operator_traits.h"
#include "core/network/activation_rules.h"
#include "core/network/gemm_form.h"
#include "core/network/weight_layout.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

bool hasChannelWeights(const Operator& op)
{
    const bool hasWeights = op.node.domain.empty() && op.constants.size() > 1 && op.constants[1]
        && op.constants[1]->type() == DataType::Float32 && !op.constants[0];
    return isLinear(op.type) && hasWeights && (isConvolution(op.type) || op.constants[1]->rank() == 2)
        && !op.node.integer("transA", 0);
}

/// Whether it passes channels on, each by itself and positively homogeneous. C: their number.
bool passesOn(const OperatorGraph& graph, const Operator& op, std::int64_t channels)
{
    const OperatorTraits& traits = traitsOf(op.type);
    if (!op.node.domain.empty() || op.activation.kind != Kind::None || op.residual || op.inputs.empty()
        || op.inputs[0] == kNoValue) {
        return false;
    }
    const Shape& from = graph.value(op.inputs[0]).shape;
    const Shape& to = graph.value(op.result()).shape;
    if (from.size() < 2 || to.size() < 2 || from[1] != channels || to[1] != channels) {
        return false;
    }
    if (!traits.isHomogeneous
        || (traits.activation == Kind::LeakyRelu && op.node.real("alpha", 0.01f) < 0.0f)) {
        return false;
    }
    return traits.channels == ChannelFlow::Keeps
        || (traits.channels == ChannelFlow::Reshapes && elementCount(from) == from[0] * channels
            && elementCount(to) == to[0] * channels);
}

/// Whether that value has this operator as its only reader, once.
bool isReadOnce(const OperatorGraph& graph, ValueId id, const Operator& reader)
{
    return !graph.graph->isOutput(id) && graph.consumersOf[indexOf(id)].size() == 1
        && std::ranges::count(reader.inputs, id) == 1
        && !(graph.written && graph.written->values.contains(graph.value(id).name));
}

} // namespace

ScaledPath scaledPathTo(const OperatorGraph& graph, const Operator& consumer)
{
    if (!hasChannelWeights(consumer)) {
        return {std::nullopt, "it is no convolution or matrix product with constant weights"};
    }
    const auto channels =
        static_cast<std::int64_t>(WeightLayout(consumer.node, *consumer.constants[1]).sourceChannels());
    const Operator* reader = &consumer;
    while (true) {
        const ValueId source = reader->inputs[0];
        const auto id = graph.producerOf[indexOf(source)];
        const Shape& shape = graph.value(source).shape;
        if (!id || graph.at(*id).type == "Input") {
            return {std::nullopt, "it reads an input of the network"};
        }
        const Operator& writer = graph.at(*id);
        if (!isReadOnce(graph, source, *reader)) {
            return {std::nullopt, fmt::format("'{}' has other readers", graph.value(source).name)};
        }
        const bool isLast = isMatMul(consumer.type) && shape.size() != 2;
        if (hasChannelWeights(writer)) {
            const bool alignsLast = isMatMul(writer.type) && shape.size() != 2;
            if (isLast != alignsLast
                || static_cast<std::int64_t>(WeightLayout(writer.node, *writer.constants[1]).channels())
                    != channels) {
                return {std::nullopt, fmt::format("{} has other channels", writer.name)};
            }
            if (writer.residual) {
                return {std::nullopt, fmt::format("{} adds another tensor", writer.name)};
            }
            if (!hasPlainBias(writer)) {
                return {std::nullopt,
                        fmt::format("{} has a bias that is none of its channels'", writer.name)};
            }
            if (!isHomogeneous(writer.activation)) {
                return {std::nullopt, fmt::format("the activation of {} does not scale", writer.name)};
            }
            return {*id, {}};
        }
        if (isLast || !passesOn(graph, writer, channels)) {
            return {std::nullopt,
                    fmt::format("{} ({}) between them does not scale", writer.name, writer.type)};
        }
        reader = &writer;
    }
}

} // namespace core
