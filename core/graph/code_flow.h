#pragma once

#include "core/graph/graph.h"
#include "core/graph/q_operator.h"

#include <cstddef>
#include <map>

namespace core {

/// Where codes of a quantized model flow. Refers to the graph.
class CodeFlow
{
public:
    explicit CodeFlow(const Graph& graph)
        : m_graph(graph)
    {
    }

    /// Whether the codes of a QuantizeLinear stand for its source wherever that is read. Else a copy of the
    /// source is quantized and the source stays what it is: others read it, too, or it comes from other
    /// codes.
    [[nodiscard]] bool isSourceItself(const Node& quantize) const;

    /// Whether everything that reads the value reads it as codes of reals, so that it may be left out.
    [[nodiscard]] bool isOnlyCodes(ValueId id);

    /// Whether a node in QOperator form has constant params throughout.
    [[nodiscard]] bool isConvertible(const Node& node, const QOperator& form) const;

private:
    const Graph& m_graph;
    std::map<std::size_t, bool> m_onlyCodes; // by ValueId
};

} // namespace core
