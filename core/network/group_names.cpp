#include "core/network/group_names.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace core {

namespace {

/// The only operator that reads what `id` writes.
std::optional<std::size_t> onlyReader(const OperatorGraph& graph, std::size_t id)
{
    const ValueId value = graph.operators[id].result();
    const auto& readers = graph.consumersOf[indexOf(value)];
    return readers.size() == 1 && !graph.graph->isOutput(value) ? std::optional(indexOf(readers[0]))
                                                                : std::nullopt;
}

void nameAttention(OperatorGraph& graph, std::size_t softmax)
{
    const auto isBetween = [&](const Operator& op) {
        return op.type == "Mul" || op.type == "Div" || op.type == "Add" || op.type == "Where"
            || op.type == "Cast";
    };
    std::vector<std::size_t> members{softmax};
    std::size_t at = softmax;
    for (;;) { // up to the product of queries and keys
        const Operator& op = graph.operators[at];
        const auto producer = op.inputs.empty() || op.inputs[0] == kNoValue
            ? std::nullopt
            : graph.producerOf[indexOf(op.inputs[0])];
        if (!producer) {
            return;
        }
        at = indexOf(*producer);
        members.push_back(at);
        if (graph.operators[at].type == "MatMul") {
            break;
        }
        if (!isBetween(graph.operators[at])) {
            return;
        }
    }
    for (at = softmax;;) { // down to the product with the values
        const auto reader = onlyReader(graph, at);
        if (!reader) {
            return;
        }
        at = *reader;
        members.push_back(at);
        if (graph.operators[at].type == "MatMul") {
            break;
        }
        if (!isBetween(graph.operators[at]) && graph.operators[at].type != "Dropout") {
            return;
        }
    }
    for (const std::size_t member : members) {
        graph.operators[member].group = "attention";
    }
}

void nameChannelShuffle(OperatorGraph& graph, std::size_t transpose)
{
    const Operator& op = graph.operators[transpose];
    const Shape& split = graph.value(op.inputs[0]).shape;
    const auto permutation = op.node.integers("perm");
    const auto before = graph.producerOf[indexOf(op.inputs[0])];
    const auto after = onlyReader(graph, transpose);
    if (permutation.size() < 4 || !before || !after || graph.operators[indexOf(*before)].type != "Reshape"
        || graph.operators[*after].type != "Reshape") {
        return;
    }
    for (std::size_t i = 0; i < permutation.size(); ++i) {
        const std::size_t expected = i == 1 ? 2 : i == 2 ? 1 : i;
        if (permutation[i] != static_cast<std::int64_t>(expected)) {
            return;
        }
    }
    const Shape& whole = graph.value(graph.operators[indexOf(*before)].inputs[0]).shape;
    const Shape& again = graph.value(graph.operators[*after].result()).shape;
    if (whole != again || whole.size() + 1 != split.size() || whole[1] != split[1] * split[2]) {
        return;
    }
    for (const std::size_t member : {indexOf(*before), transpose, *after}) {
        graph.operators[member].group = "channel shuffle";
    }
}

void nameBatchPermutation(Operator& op)
{
    if (op.constants.size() < 2 || !op.constants[1] || op.node.integer("axis", 0) != 0
        || op.constants[1]->rank() != 1) {
        return;
    }
    auto order = integersOf(*op.constants[1]);
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] != static_cast<std::int64_t>(i)) {
            return;
        }
    }
    op.group = "batch permutation";
}

} // namespace

void nameGroups(OperatorGraph& graph)
{
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        Operator& op = graph.operators[i];
        if (op.type == "Softmax") {
            nameAttention(graph, i);
        } else if (op.type == "Transpose") {
            nameChannelShuffle(graph, i);
        } else if (op.type == "Gather" && op.inputs[0] != kNoValue && !op.constants[0]
                   && op.constants.size() > 1 && op.constants[1] && op.outputs[0] != kNoValue
                   && graph.value(op.inputs[0]).shape == graph.value(op.outputs[0]).shape) {
            nameBatchPermutation(op);
        }
    }
}

} // namespace core
