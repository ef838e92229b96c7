#include "core/network/link_operators.h"

#include "core/network/equalization.h"
#include "core/network/group_names.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace core {

namespace {

/// Topological order of the operators; the one whose first node stands first in the graph goes first.
std::vector<Operator> sorted(const Graph& graph, std::vector<Operator> operators)
{
    std::vector<int> writer(graph.values().size(), -1);
    for (std::size_t i = 0; i < operators.size(); ++i) {
        for (const ValueId output : operators[i].outputs) {
            if (output != kNoValue) {
                writer[indexOf(output)] = static_cast<int>(i);
            }
        }
    }
    std::vector<int> waiting(operators.size(), 0);
    std::vector<std::vector<std::size_t>> readers(operators.size());
    for (std::size_t i = 0; i < operators.size(); ++i) {
        const Operator& op = operators[i];
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k] && writer[indexOf(op.inputs[k])] >= 0) {
                readers[static_cast<std::size_t>(writer[indexOf(op.inputs[k])])].push_back(i);
                ++waiting[i];
            }
        }
    }
    const auto position = [&](std::size_t i) {
        return operators[i].nodes.empty() ? -1 : static_cast<long>(indexOf(operators[i].nodes.back()));
    };
    const auto later = [&](std::size_t a, std::size_t b) {
        return std::pair(position(a), a) > std::pair(position(b), b);
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
    for (std::size_t i = 0; i < operators.size(); ++i) {
        if (waiting[i] == 0) {
            ready.push(i);
        }
    }
    std::vector<Operator> result;
    while (!ready.empty()) {
        const std::size_t i = ready.top();
        ready.pop();
        result.push_back(std::move(operators[i]));
        for (const std::size_t reader : readers[i]) {
            if (--waiting[reader] == 0) {
                ready.push(reader);
            }
        }
    }
    return result;
}

} // namespace

std::shared_ptr<const OperatorGraph> linkOperators(std::shared_ptr<const Graph> graph,
                                                   const FusionOptions& options,
                                                   std::vector<Operator> operators)
{
    auto result = std::make_shared<OperatorGraph>();
    result->graph = graph;
    result->options = options;
    result->written = options.written;
    result->operators = sorted(*graph, std::move(operators));
    result->producerOf.resize(graph->values().size());
    result->consumersOf.resize(graph->values().size());
    for (std::size_t i = 0; i < result->operators.size(); ++i) {
        Operator& op = result->operators[i];
        for (const NodeId node : op.nodes) {
            op.nodeNames.push_back(graph->node(node).name);
        }
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] == kNoValue || op.constants[k]) {
                continue;
            }
            auto& readers = result->consumersOf[indexOf(op.inputs[k])];
            if (readers.empty() || readers.back() != OperatorId(i)) {
                readers.push_back(OperatorId(i));
            }
            if (const auto producer = result->producerOf[indexOf(op.inputs[k])]) {
                op.depth = std::max(op.depth, result->at(*producer).depth + 1);
            }
        }
        for (const ValueId output : op.outputs) {
            if (output != kNoValue) {
                result->producerOf[indexOf(output)] = OperatorId(i);
            }
        }
    }
    nameGroups(*result);
    equalizeWeights(*result, options.equalize);
    return result;
}

} // namespace core
