#pragma once

#include "core/tensor/tensor.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace core {

enum class ValueId : std::uint32_t
{
};
enum class NodeId : std::uint32_t
{
};

/// An optional input or output that the model leaves out.
inline constexpr ValueId kNoValue{0xffffffffu};

[[nodiscard]] constexpr std::size_t indexOf(ValueId id) { return static_cast<std::size_t>(id); }
[[nodiscard]] constexpr std::size_t indexOf(NodeId id) { return static_cast<std::size_t>(id); }

class Graph;

using Attribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
                 std::vector<std::string>, Tensor, std::shared_ptr<const Graph>>;

/// One ONNX node. Operator semantics depend on `version`, the opset the model imports for `domain`.
struct Node
{
    std::string name; ///< unique: ONNX's name, `Type_i` when it has none, `#2` appended to a duplicate
    std::string type;
    std::string domain; ///< empty for ai.onnx
    int version = 0;
    std::vector<ValueId> inputs; ///< kNoValue where an optional input is left out
    std::vector<ValueId> outputs;
    std::map<std::string, Attribute, std::less<>> attributes;

    /// The attribute, or the fallback when absent. Throws core::Error when it has another type.
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const;
    [[nodiscard]] float real(std::string_view key, float fallback) const;
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key,
                                                     std::vector<std::int64_t> fallback = {}) const;
    [[nodiscard]] std::vector<float> reals(std::string_view key, std::vector<float> fallback = {}) const;
    [[nodiscard]] const Attribute* find(std::string_view key) const;
    [[nodiscard]] bool hasInput(std::size_t i) const { return i < inputs.size() && inputs[i] != kNoValue; }
    [[nodiscard]] bool hasOutput(std::size_t i) const { return i < outputs.size() && outputs[i] != kNoValue; }
};

/// One tensor that flows through the graph, or an initializer.
struct Value
{
    std::string name;
    DataType type = DataType::Undefined;
    Shape shape; ///< kDynamic where not known yet; meaningless if !hasShape
    bool hasShape = false;
    std::optional<Tensor> constant; ///< initializers and folded values, row-major
    std::optional<NodeId> producer;
    std::vector<NodeId> consumers; ///< one entry per node
    std::vector<std::string> dimensionNames; ///< by axis, as the file has them: "batch"; or empty
};

/// What is computed: nodes in topological order. Immutable; GraphBuilder makes it.
class Graph
{
public:
    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }
    [[nodiscard]] const std::vector<Value>& values() const { return m_values; }
    [[nodiscard]] const Node& node(NodeId id) const { return m_nodes[indexOf(id)]; }
    [[nodiscard]] const Value& value(ValueId id) const { return m_values[indexOf(id)]; }
    [[nodiscard]] const std::vector<ValueId>& inputs() const { return m_inputs; } ///< without initializers
    [[nodiscard]] const std::vector<ValueId>& outputs() const { return m_outputs; }
    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] std::optional<ValueId> findValue(std::string_view name) const;
    [[nodiscard]] bool isOutput(ValueId id) const;

private:
    friend class GraphBuilder;
    std::string m_name;
    std::vector<Node> m_nodes;
    std::vector<Value> m_values;
    std::vector<ValueId> m_inputs;
    std::vector<ValueId> m_outputs;
    std::map<std::string, ValueId, std::less<>> m_byName;
};

/// Collects values and nodes in any order; finish() sorts them and checks the rules.
class GraphBuilder
{
public:
    explicit GraphBuilder(std::string name = {}) { m_graph.m_name = std::move(name); }

    /// The value of that name, made when new. The empty name is kNoValue, as in ONNX.
    ValueId value(std::string_view name);
    ValueId input(std::string_view name, DataType type, Shape shape, bool hasShape = true);
    ValueId input(const Value& like, DataType type); ///< as one of another graph, of that type
    void nameDimensions(ValueId id, std::vector<std::string> names);
    ValueId constant(std::string_view name, Tensor tensor);
    void output(ValueId id);
    void declare(ValueId id, DataType type, Shape shape); ///< from value_info
    /// Names the node if it has none (`Type_i`, i = number of nodes added before); makes duplicates unique.
    void node(Node node);

    /// Topological order, stable in the order added. Throws core::Error(InvalidModel) naming the nodes of a
    /// cycle, a value produced twice, an input that nothing produces, or an output that nothing produces.
    [[nodiscard]] Graph finish() &&;

private:
    Graph m_graph;
};

} // namespace core
