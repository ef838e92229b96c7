#include "core/network/fold_rules.h"

#include "core/network/fold_constants.h"

#include <algorithm>
#include <limits>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

std::optional<kernels::Activation> clip(const Graph& graph, const Node& node)
{
    const auto bound = [&](std::size_t input, std::string_view key, float fallback) -> std::optional<float> {
        if (node.hasInput(input)) {
            const Tensor* tensor = constantOf(graph, node.inputs[input]);
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

} // namespace

const Tensor* constantOf(const Graph& graph, ValueId id)
{
    return id != kNoValue && graph.value(id).constant ? &*graph.value(id).constant : nullptr;
}

bool isPlainGemm(const Operator& op)
{
    return op.type != "Gemm" || (op.node.real("alpha", 1.0f) == 1.0f && op.node.real("beta", 1.0f) == 1.0f);
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
    if (add.type != "Add" || add.inputs.size() != 2 || !isPlainGemm(op)) {
        return nullptr;
    }
    const std::size_t other = add.inputs[0] == op.outputs[0] ? 1 : 0;
    const Tensor* addend = constantOf(graph, add.inputs[other]);
    if (!addend || addend->type() != DataType::Float32) {
        return nullptr;
    }
    const Shape& output = graph.value(op.outputs[0]).shape;
    const std::int64_t channels = outputChannels(op.node, *op.constants[1]);
    const bool convolution = op.type == "Conv" || op.type == "ConvTranspose";
    const std::size_t fromEnd =
        convolution ? output.size() - 2 : 0; // position of the channel axis from the end
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
    if (node.inputs[0] != from) {
        return std::nullopt;
    }
    if (node.type == "Relu") {
        return kernels::Activation{Kind::Relu};
    }
    if (node.type == "LeakyRelu") {
        return kernels::Activation{Kind::LeakyRelu, node.real("alpha", 0.01f)};
    }
    if (node.type == "HardSwish") {
        return kernels::Activation{Kind::HardSwish};
    }
    if (node.type == "Sigmoid") {
        return kernels::Activation{Kind::Sigmoid};
    }
    if (node.type == "Clip") {
        return clip(graph, node);
    }
    return std::nullopt;
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
