#include "core/network/operator_graph.h"

#include <algorithm>

namespace core {

ValueId Operator::result() const
{
    const auto used = std::ranges::find_if(outputs, [](ValueId id) { return id != kNoValue; });
    return used == outputs.end() ? kNoValue : *used;
}

std::optional<OperatorId> OperatorGraph::find(std::string_view name) const
{
    for (std::size_t i = 0; i < operators.size(); ++i) {
        if (operators[i].name == name) {
            return OperatorId(i);
        }
    }
    for (std::size_t i = 0; i < operators.size(); ++i) {
        if (std::ranges::find(operators[i].nodeNames, name) != operators[i].nodeNames.end()) {
            return OperatorId(i);
        }
    }
    return std::nullopt;
}

bool TableWishes::of(const Node& node) const
{
    if (const auto it = operators.find(node.name); it != operators.end()) {
        return it->second;
    }
    const auto it = types.find(node.type);
    return it == types.end() ? all : it->second;
}

} // namespace core
