#pragma once

#include "core/graph/graph.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// A graph copied node by node, where one node may become several. Operands go by name.
class QuantizationRewriter
{
public:
    explicit QuantizationRewriter(const Graph& graph);

    using Attributes = std::map<std::string, Attribute, std::less<>>;

    /// The node whose place is taken now.
    void begin(const Node& node) { m_node = &node; }
    [[nodiscard]] const Node& node() const { return *m_node; }
    [[nodiscard]] bool has(std::size_t i) const { return m_node->hasInput(i); }
    /// Name of input i; empty where it is left out.
    [[nodiscard]] std::string input(std::size_t i) const;
    /// Throws core::Error naming the node where input i is no constant.
    [[nodiscard]] const Tensor& constantAt(std::size_t i) const;
    /// Input i where it is a constant or computed from constants alone; else null.
    [[nodiscard]] const Tensor* maybeConstant(std::size_t i) const;

    /// The n-th output of the node.
    [[nodiscard]] std::string output(std::size_t i = 0) const;
    /// Adds a node with results of its own; the name of the first. `label` names both within the node.
    std::string add(std::string_view label, std::string_view type, const std::vector<std::string>& inputs,
                    Attributes attributes = {}, std::size_t outputs = 1, std::string_view domain = {});
    /// Adds the node that writes the outputs of the one replaced, under its name.
    void finish(std::string_view type, const std::vector<std::string>& inputs, Attributes attributes = {},
                std::string_view domain = {});
    std::string constant(std::string_view label, Tensor tensor);
    /// Result `i` of the node last added.
    [[nodiscard]] const std::string& result(std::size_t i) const { return m_results.at(i); }

    void copy();
    [[nodiscard]] Graph run(const std::vector<ValueId>& outputs) &&;
    [[noreturn]] void refuse(const std::string& why) const;

private:
    struct Placement
    {
        std::string_view type;
        std::string_view domain;
        const std::vector<std::string>& inputs;
        Attributes attributes;
    };
    Node made(std::string name, const Placement& placement); ///< without outputs
    const Tensor* constantOf(ValueId id, int depth) const;
    std::string unused(std::string_view label);

    const Graph& m_graph;
    GraphBuilder m_builder;
    const Node* m_node = nullptr;
    std::set<std::string> m_names;
    std::set<std::string> m_nodeNames;
    std::vector<std::string> m_results;
    mutable std::map<std::size_t, Tensor> m_folded; ///< by ValueId
};

} // namespace core
