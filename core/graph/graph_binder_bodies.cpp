// What takes the place of one node: the branch of an If, the primitive nodes of a fused operator.
#include "core/graph/graph_binder.h"

#include "core/graph/expansion.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace core {

namespace {

constexpr int kIdentityVersion = 16;

} // namespace

/// Replaces an If whose condition is constant by the branch taken. Inputs of an If are its condition, then
/// the values that then_branch captures, then those of else_branch.
bool GraphBinder::placeBranch(const Graph& graph, const Node& original, std::vector<ValueId>& map,
                              const Node& node, const std::string& prefix)
{
    if (node.type != "If" || !node.domain.empty() || !node.hasInput(0)) {
        return false;
    }
    const auto& condition = value(node.inputs[0]).constant;
    const auto branch = [&](std::string_view key) {
        const Attribute* found = node.find(key);
        const auto* body = found ? std::get_if<std::shared_ptr<const Graph>>(found) : nullptr;
        return body ? body->get() : nullptr;
    };
    const Graph* thenBranch = branch("then_branch");
    const Graph* elseBranch = branch("else_branch");
    if (!condition || condition->count() != 1 || thenBranch == nullptr || elseBranch == nullptr
        || node.inputs.size() != 1 + thenBranch->inputs().size() + elseBranch->inputs().size()) {
        return false;
    }
    const bool isTrue = integersOf(*condition)[0] != 0;
    const Graph& taken = isTrue ? *thenBranch : *elseBranch;
    const auto first = node.inputs.begin() + 1 + (isTrue ? 0 : std::ssize(thenBranch->inputs()));
    const std::size_t mark = m_values.size();
    const auto outputs =
        place(taken, std::vector<ValueId>(first, first + std::ssize(taken.inputs())), node.name);
    std::set<std::size_t> isRenamed;
    for (std::size_t i = 0; i < original.outputs.size() && i < outputs.size(); ++i) {
        if (original.outputs[i] != kNoValue) {
            const std::string name = unusedName(m_valueNames, graph.value(original.outputs[i]).name, prefix);
            map[indexOf(original.outputs[i])] = giveName(outputs[i], name, node, mark, isRenamed);
        }
    }
    return true;
}

/// What was placed instead of `node` goes on under the name of its output: renamed where it is new (behind
/// `mark`) and has no such name yet, else copied.
ValueId GraphBinder::giveName(ValueId result, const std::string& name, const Node& node, std::size_t mark,
                              std::set<std::size_t>& isRenamed)
{
    const std::size_t index = indexOf(result);
    if (m_values[index].constant) {
        return addConstant(name, *m_values[index].constant);
    }
    if (index >= mark && isRenamed.insert(index).second) {
        m_values[index].name = name;
        return result;
    }
    Node copy;
    copy.name = unusedName(m_nodeNames, fmt::format("{}/{}", node.name, name), node.name);
    copy.type = "Identity";
    copy.version = kIdentityVersion;
    copy.inputs = {result};
    const ValueId target = addValue(name);
    copy.outputs = {target};
    placeNode(std::move(copy));
    return target;
}

/// The place of one fused operator among the nodes.
class GraphBinder::Site final : public Expansion
{
public:
    Site(GraphBinder& binder, const Node& node)
        : Expansion(node)
        , m_binder(binder)
    {
    }
    [[nodiscard]] const Value& value(ValueId id) const override { return m_binder.value(id); }

protected:
    ValueId placeConstant(std::string_view label, Tensor tensor) override
    {
        return m_binder.addConstant(unused(m_binder.m_valueNames, label), std::move(tensor));
    }

    std::vector<ValueId> place(std::string_view label, Node made, std::size_t outputs) override
    {
        made.name = unused(m_binder.m_nodeNames, label);
        for (std::size_t i = 0; i < outputs; ++i) {
            const std::string name = i == 0 ? std::string(label) : fmt::format("{}_{}", label, i);
            made.outputs.push_back(m_binder.addValue(unused(m_binder.m_valueNames, name)));
        }
        std::vector<ValueId> results = made.outputs;
        m_binder.placeNode(std::move(made));
        const Placed* last = m_binder.m_nodes.empty() ? nullptr : &m_binder.m_nodes.back();
        if (last && !last->problem.empty() && last->node.outputs == results) {
            throw Error(last->kind, fmt::format("as {}: {}", last->node.type, last->problem));
        }
        return results;
    }

private:
    std::string unused(std::set<std::string>& names, std::string_view label) const
    {
        return m_binder.unusedName(names, fmt::format("{}/{}", node().name, label), node().name);
    }

    GraphBinder& m_binder;
};

/// Replaces a fused operator by the primitive ones it stands for.
bool GraphBinder::placeExpanded(const Graph& graph, const Node& original, std::vector<ValueId>& map,
                                const Node& node, const std::string& prefix)
{
    const ExpansionDefinition* definition = findExpansion(node.domain, node.type);
    const bool isBroken = std::ranges::any_of(
        node.inputs, [&](ValueId id) { return id != kNoValue && m_isBroken[indexOf(id)]; });
    if (definition == nullptr || isBroken) {
        return false;
    }
    const std::size_t mark = m_values.size();
    const std::size_t nodes = m_nodes.size();
    Site site(*this, node);
    std::string problem;
    ErrorKind kind = ErrorKind::UnsupportedOperator;
    try {
        definition->expand(site);
    } catch (const Error& error) {
        problem = error.what();
        kind = error.kind();
        m_nodes.erase(m_nodes.begin() + static_cast<std::ptrdiff_t>(nodes), m_nodes.end());
    }
    std::set<std::size_t> isRenamed;
    std::map<std::size_t, ValueId> results;
    if (problem.empty()) {
        results = {site.results().begin(), site.results().end()};
    }
    Placed placed{node, problem, kind, std::nullopt};
    for (std::size_t i = 0; i < original.outputs.size(); ++i) {
        if (original.outputs[i] == kNoValue) {
            continue;
        }
        const std::string name = unusedName(m_valueNames, graph.value(original.outputs[i]).name, prefix);
        ValueId& target = map[indexOf(original.outputs[i])];
        if (const auto result = results.find(i); result != results.end()) {
            target = giveName(result->second, name, node, mark, isRenamed);
            continue;
        }
        target = addValue(name);
        m_isBroken.back() = true;
        m_values.back().producer = NodeId(m_nodes.size());
        placed.node.outputs[i] = target;
        placed.problem = problem.empty() ? fmt::format("its output '{}' is not known", name) : problem;
    }
    if (!placed.problem.empty()) {
        m_nodes.push_back(std::move(placed));
    }
    return true;
}

} // namespace core
