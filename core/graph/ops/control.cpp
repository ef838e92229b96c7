#include "core/graph/bind_shapes.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/reference_evaluator.h"

#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// A branch of an If, and where its captured values stand among the inputs of the node.
struct Branch
{
    const Graph* graph = nullptr;
    std::size_t first = 1;
};

const Graph& bodyOf(const Node& node, std::string_view key)
{
    const Attribute* found = node.find(key);
    const auto* body = found ? std::get_if<std::shared_ptr<const Graph>>(found) : nullptr;
    if (body == nullptr) {
        fail(node, fmt::format("attribute {} is missing", key), ErrorKind::InvalidModel);
    }
    return **body;
}

Branch thenBranch(const Node& node) { return {&bodyOf(node, "then_branch"), 1}; }

Branch elseBranch(const Node& node)
{
    return {&bodyOf(node, "else_branch"), 1 + thenBranch(node).graph->inputs().size()};
}

std::vector<ValueInfo> outputsOf(const InferContext& c, const Branch& branch)
{
    const auto first = static_cast<std::ptrdiff_t>(branch.first);
    const auto last = first + std::ssize(branch.graph->inputs());
    return inferOutputs(*branch.graph, {c.inputs.begin() + first, c.inputs.begin() + last},
                        {c.constants.begin() + first, c.constants.begin() + last});
}

/// Both branches may run: dimensions in which they differ depend on data.
std::vector<ValueInfo> inferIf(const InferContext& c)
{
    requireInputs(c, 1);
    if (c.inputs.size() != elseBranch(c.node).first + elseBranch(c.node).graph->inputs().size()) {
        fail(c.node, "its branches read other values than it does", ErrorKind::InvalidModel);
    }
    if (c.constants[0] != nullptr) {
        return outputsOf(
            c, firstInteger(c.node, *c.constants[0]) != 0 ? thenBranch(c.node) : elseBranch(c.node));
    }
    std::vector<ValueInfo> results = outputsOf(c, thenBranch(c.node));
    const std::vector<ValueInfo> others = outputsOf(c, elseBranch(c.node));
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i >= others.size() || results[i].type != others[i].type
            || results[i].shape.size() != others[i].shape.size()) {
            fail(c.node,
                 fmt::format(
                     "its branches give output {} different types or ranks; give the condition as a constant",
                     i),
                 ErrorKind::UnsupportedOperator);
        }
        for (std::size_t a = 0; a < results[i].shape.size(); ++a) {
            results[i].shape[a] = results[i].shape[a] == others[i].shape[a] ? results[i].shape[a] : kDynamic;
        }
    }
    return results;
}

Outputs evaluateIf(const Node& node, Inputs in)
{
    const bool isTrue = in[0].count() == 1 && core::integersOf(in[0])[0] != 0;
    const Branch branch = isTrue ? thenBranch(node) : elseBranch(node);
    return evaluateReference(*branch.graph, in.subspan(branch.first, branch.graph->inputs().size()));
}

constexpr OperatorDefinition kControlOperators[] = {
    {"", "If", 1, inferIf, evaluateIf},
};

} // namespace

std::span<const OperatorDefinition> controlOperators() { return kControlOperators; }

} // namespace core::ops
