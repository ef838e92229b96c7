#pragma once

#include "core/graph/graph.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// One fused operator while it is taken apart: what may be known of its operands, and how primitive nodes are
/// placed in its stead. A node placed is called after the fused one ("encoder/attention/scores"), its result
/// likewise. Shapes are known; what depends on data is refused by name.
class Expansion
{
public:
    explicit Expansion(const Node& node)
        : m_node(node)
    {
    }
    virtual ~Expansion() = default;
    Expansion(const Expansion&) = delete;
    Expansion& operator=(const Expansion&) = delete;

    [[nodiscard]] const Node& node() const { return m_node; }
    [[nodiscard]] bool has(std::size_t i) const { return m_node.hasInput(i); }
    /// Input i, or kNoValue where it is left out.
    [[nodiscard]] ValueId input(std::size_t i) const { return has(i) ? m_node.inputs[i] : kNoValue; }
    /// Input i. Throws core::Error(InvalidModel) where it is left out: "needs input 2 (cos_cache)".
    [[nodiscard]] ValueId required(std::size_t i, std::string_view what) const;
    [[nodiscard]] bool wants(std::size_t output) const { return m_node.hasOutput(output); }

    /// Throws core::Error(UnsupportedOperator) where the shape depends on data.
    [[nodiscard]] const Shape& shape(ValueId id) const;
    [[nodiscard]] std::int64_t length(ValueId id, std::int64_t axis) const; ///< axis may count from the end
    [[nodiscard]] std::size_t rank(ValueId id) const { return shape(id).size(); }
    [[nodiscard]] virtual const Value& value(ValueId id) const = 0;

    using Attributes = std::map<std::string, Attribute, std::less<>>;
    /// Places one node; its result. `label` names both within the fused operator.
    ValueId add(std::string_view label, std::string_view type, std::vector<ValueId> inputs,
                Attributes attributes = {});
    /// One with several results.
    std::vector<ValueId> addSeveral(std::string_view label, std::string_view type,
                                    std::vector<ValueId> inputs, Attributes attributes, std::size_t outputs);
    ValueId constant(std::string_view label, Tensor tensor)
    {
        return placeConstant(label, std::move(tensor));
    }
    ValueId scalar(std::string_view label, float number);
    ValueId integers(std::string_view label, const std::vector<std::int64_t>& numbers);

    // What most expansions need.
    ValueId reshape(std::string_view label, ValueId x, const Shape& shape);
    ValueId transpose(std::string_view label, ValueId x, std::vector<std::int64_t> permutation);
    /// Part [first, last) along one axis.
    ValueId slice(std::string_view label, ValueId x, std::int64_t first, std::int64_t last,
                  std::int64_t axis);
    ValueId concat(std::string_view label, std::vector<ValueId> parts, std::int64_t axis);

    /// Output i of the fused operator is that value.
    void finish(std::size_t output, ValueId id) { m_results.emplace_back(output, id); }
    [[nodiscard]] const std::vector<std::pair<std::size_t, ValueId>>& results() const { return m_results; }

    /// Throws core::Error(UnsupportedOperator).
    [[noreturn]] void refuse(const std::string& why) const;

protected:
    virtual ValueId placeConstant(std::string_view label, Tensor tensor) = 0;
    virtual std::vector<ValueId> place(std::string_view label, Node node, std::size_t outputs) = 0;

private:
    const Node& m_node;
    std::vector<std::pair<std::size_t, ValueId>> m_results;
};

/// A fused operator that is known by the primitive ones it stands for.
struct ExpansionDefinition
{
    std::string_view domain; ///< empty for ai.onnx
    std::string_view type;
    void (*expand)(Expansion& expansion);
};

/// The definition of that operator, or null.
[[nodiscard]] const ExpansionDefinition* findExpansion(std::string_view domain, std::string_view type);
[[nodiscard]] std::vector<ExpansionDefinition> allExpansions();

} // namespace core
