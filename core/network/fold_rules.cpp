#include "core/network/fold_rules.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_constants.h"

#include <algorithm>

namespace core {

const Tensor* constantOf(const Graph& graph, ValueId id)
{
    return id != kNoValue && graph.value(id).constant ? &*graph.value(id).constant : nullptr;
}

bool hasBatchedWeights(const Operator& op)
{
    return isMatMul(op.type) && op.constants.size() > 1 && op.constants[1] && op.constants[1]->rank() > 2;
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
