#pragma once

#include "core/base/error.h"
#include "core/graph/operator_registry.h"

#include <optional>
#include <set>

namespace core {

/// The work behind bindShapes: a flat list of nodes over a table of values, filled node by node.
class GraphBinder
{
public:
    explicit GraphBinder(const Graph& top);

    ValueId addInput(const std::string& name, const ValueInfo& info);
    ValueId addConstant(const std::string& name, Tensor tensor);

    /// Places every node of the graph, reading `inputs`; returns its outputs. Inner graphs give their name as
    /// prefix for names that are taken.
    std::vector<ValueId> place(const Graph& graph, const std::vector<ValueId>& inputs,
                               const std::string& prefix);

    /// Live nodes only. Throws the list of those that cannot run.
    [[nodiscard]] Graph finish(const std::vector<ValueId>& inputs, const std::vector<ValueId>& outputs);

    [[nodiscard]] const Value& value(ValueId id) const { return m_values[indexOf(id)]; }

private:
    class Site;

    struct Placed
    {
        Node node;
        std::string problem; ///< why it cannot run; empty if it can
        ErrorKind kind = ErrorKind::UnsupportedOperator;
        std::optional<std::size_t> results; ///< how many outputs its operator gives; none: not known yet
    };

    ValueId addValue(const std::string& name);
    void modernize(Node& node);
    void placeNode(Node node);
    bool placeBranch(const Graph& graph, const Node& original, std::vector<ValueId>& map, const Node& node,
                     const std::string& prefix);
    bool placeExpanded(const Graph& graph, const Node& original, std::vector<ValueId>& map, const Node& node,
                       const std::string& prefix);
    ValueId giveName(ValueId result, const std::string& name, const Node& node, std::size_t mark,
                     std::set<std::size_t>& isRenamed);
    std::optional<std::size_t> inferNode(const Node& node, const OperatorDefinition& definition);
    void refuseMissingOutputs(const std::vector<bool>& isLive, const std::vector<ValueId>& outputs);
    void foldMask(Node& node);
    bool foldNode(const Node& node);
    void setConstant(ValueId id, Tensor tensor);
    [[nodiscard]] std::string unusedName(std::set<std::string>& names, const std::string& name,
                                         const std::string& prefix) const;
    [[nodiscard]] std::vector<bool> liveNodes(const std::vector<ValueId>& outputs) const;

    std::string m_name;
    std::vector<Value> m_values;
    std::vector<bool> m_isBroken; ///< by value: comes from a node that cannot run
    std::vector<Placed> m_nodes;
    std::set<std::string> m_valueNames;
    std::set<std::string> m_nodeNames;
    std::size_t m_foldedBytes = 0;
};

} // namespace core
