#include "core/network/fold_rules.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_constants.h"

#include <algorithm>
#include <limits>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

template <typename ConstantAt>
std::optional<kernels::Activation> clip(const Node& node, ConstantAt constantAt)
{
    const auto bound = [&](std::size_t input, std::string_view key, float fallback) -> std::optional<float> {
        if (node.hasInput(input)) {
            const Tensor* tensor = constantAt(input);
            return tensor && tensor->type() == DataType::Float32 ? std::optional(tensor->as<float>()[0])
                                                                 : std::nullopt;
        }
        return node.real(key, fallback);
    };
    const auto low = bound(1, "min", std::numeric_limits<float>::lowest());
    const auto high = bound(2, "max", std::numeric_limits<float>::max());
    if (!low || !high) {
        return std::nullopt;
    }
    return kernels::Activation{Kind::Clip, *low, *high};
}

template <typename ConstantAt>
std::optional<kernels::Activation> activation(const Node& node, ConstantAt constantAt)
{
    const Kind kind = node.domain.empty() ? traitsOf(node.type).activation : Kind::None;
    switch (kind) {
    case Kind::None:
        return std::nullopt;
    case Kind::LeakyRelu:
        return kernels::Activation{kind, node.real("alpha", 0.01f)};
    case Kind::Clip:
        return clip(node, constantAt);
    case Kind::Relu:
    case Kind::HardSwish:
    case Kind::Sigmoid:
        break;
    }
    return kernels::Activation{kind};
}

} // namespace

const Tensor* constantOf(const Graph& graph, ValueId id)
{
    return id != kNoValue && graph.value(id).constant ? &*graph.value(id).constant : nullptr;
}

bool isPlainGemm(const Operator& op)
{
    return !isGemm(op.type) || (op.node.real("alpha", 1.0f) == 1.0f && op.node.real("beta", 1.0f) == 1.0f);
}

bool hasConstants(const Graph& graph, const Node& batchNorm)
{
    for (std::size_t i = 1; i < 5; ++i) {
        if (!batchNorm.hasInput(i) || !constantOf(graph, batchNorm.inputs[i])
            || constantOf(graph, batchNorm.inputs[i])->type() != DataType::Float32) {
            return false;
        }
    }
    return true;
}

const Tensor* biasAddend(const Graph& graph, const Operator& op, const Node& add)
{
    if (traitsOf(add.type).binary != kernels::BinaryOperation::Add || add.inputs.size() != 2
        || !isPlainGemm(op)) {
        return nullptr;
    }
    const std::size_t other = add.inputs[0] == op.outputs[0] ? 1 : 0;
    const Tensor* addend = constantOf(graph, add.inputs[other]);
    if (!addend || addend->type() != DataType::Float32) {
        return nullptr;
    }
    const Shape& output = graph.value(op.outputs[0]).shape;
    const std::int64_t channels = outputChannels(op.node, *op.constants[1]);
    const std::size_t fromEnd =
        isConvolution(op.type) ? output.size() - 2 : 0; // position of the channel axis from the end
    for (std::size_t i = 0; i < addend->rank(); ++i) {
        const std::int64_t extent = addend->shape()[addend->rank() - 1 - i];
        if (extent != 1 && !(i == fromEnd && extent == channels)) {
            return nullptr;
        }
    }
    return addend->rank() <= output.size() ? addend : nullptr;
}

std::optional<kernels::Activation> activationOf(const Graph& graph, const Node& node, ValueId from)
{
    if (node.inputs.empty() || node.inputs[0] != from) {
        return std::nullopt;
    }
    return activation(node, [&](std::size_t i) { return constantOf(graph, node.inputs[i]); });
}

std::optional<kernels::Activation> activationOf(const Operator& op)
{
    return activation(op.node, [&](std::size_t i) -> const Tensor* {
        return i < op.constants.size() && op.constants[i] ? &*op.constants[i] : nullptr;
    });
}

std::optional<std::vector<std::int64_t>> zeroSpatialPads(const Graph& graph, const Node& node)
{
    if (node.hasInput(3)) {
        return std::nullopt; // axes given: rare, left alone
    }
    std::vector<std::int64_t> pads = node.integers("pads");
    if (node.hasInput(1)) {
        const Tensor* tensor = constantOf(graph, node.inputs[1]);
        if (!tensor) {
            return std::nullopt;
        }
        pads = integersOf(*tensor);
    }
    const Tensor* fill = node.hasInput(2) ? constantOf(graph, node.inputs[2]) : nullptr;
    const double filled = fill ? doublesOf(*fill).front() : node.real("value", 0.0f);
    const std::size_t rank = pads.size() / 2;
    if (rank < 3 || filled != 0.0 || pads[0] || pads[1] || pads[rank] || pads[rank + 1]
        || std::ranges::any_of(pads, [](std::int64_t p) { return p < 0; }) || (node.hasInput(2) && !fill)) {
        return std::nullopt;
    }
    return pads;
}

} // namespace core
