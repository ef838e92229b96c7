// What of a bound graph is needed, in order.
#include "core/graph/graph_binder.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace core {

/// A node that lists more outputs than its operator has is wrong only where one of them is used.
void GraphBinder::refuseMissingOutputs(const std::vector<bool>& isLive, const std::vector<ValueId>& outputs)
{
    std::vector<bool> isUsed(m_values.size(), false);
    const auto use = [&](ValueId id) {
        if (id != kNoValue) {
            isUsed[indexOf(id)] = true;
        }
    };
    std::ranges::for_each(outputs, use);
    for (std::size_t n = 0; n < m_nodes.size(); ++n) {
        if (isLive[n]) {
            std::ranges::for_each(m_nodes[n].node.inputs, use);
        }
    }
    for (Placed& placed : m_nodes) {
        const auto& given = placed.node.outputs;
        for (std::size_t i = placed.results.value_or(given.size()); i < given.size(); ++i) {
            if (placed.problem.empty() && given[i] != kNoValue && isUsed[indexOf(given[i])]) {
                placed.problem =
                    fmt::format("the operator has {} output{}, no '{}'", *placed.results,
                                *placed.results == 1 ? "" : "s", m_values[indexOf(given[i])].name);
                placed.kind = ErrorKind::InvalidModel;
            }
        }
    }
}

Graph GraphBinder::finish(const std::vector<ValueId>& inputs, const std::vector<ValueId>& outputs)
{
    const std::vector<bool> isLive = liveNodes(outputs);
    refuseMissingOutputs(isLive, outputs);
    std::string problems;
    std::size_t count = 0;
    ErrorKind kind = ErrorKind::UnsupportedOperator;
    for (std::size_t n = 0; n < m_nodes.size(); ++n) {
        if (isLive[n] && !m_nodes[n].problem.empty()) {
            const Node& node = m_nodes[n].node;
            problems += fmt::format("{}{} ({}): {}", problems.empty() ? "" : "; ", node.name, node.type,
                                    m_nodes[n].problem);
            kind = count++ == 0 || m_nodes[n].kind == kind ? m_nodes[n].kind : ErrorKind::UnsupportedOperator;
        }
    }
    if (count > 0) {
        throw Error(kind, fmt::format("cannot run {} node{}: {}", count, count == 1 ? "" : "s", problems));
    }

    GraphBuilder builder(m_name);
    std::vector<ValueId> map(m_values.size(), kNoValue);
    const auto mapped = [&](ValueId id) {
        if (id == kNoValue) {
            return kNoValue;
        }
        ValueId& target = map[indexOf(id)];
        if (target == kNoValue) {
            const Value& value = m_values[indexOf(id)];
            if (value.constant) {
                target = builder.constant(value.name, *value.constant);
            } else {
                target = builder.value(value.name);
                if (value.hasShape) {
                    builder.declare(target, value.type, value.shape);
                }
            }
        }
        return target;
    };
    for (const ValueId id : inputs) {
        const Value& value = m_values[indexOf(id)];
        map[indexOf(id)] = builder.input(value.name, value.type, value.shape);
    }
    for (std::size_t n = 0; n < m_nodes.size(); ++n) {
        if (isLive[n]) {
            Node node = m_nodes[n].node;
            std::ranges::transform(node.inputs, node.inputs.begin(), mapped);
            std::ranges::transform(node.outputs, node.outputs.begin(), mapped);
            builder.node(std::move(node));
        }
    }
    for (const ValueId id : outputs) {
        builder.output(mapped(id));
    }
    return std::move(builder).finish();
}

} // namespace core
