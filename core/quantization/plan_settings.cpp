#include "core/quantization/plan_settings.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/graph/operator_registry.h"
#include "core/graph/operator_traits.h"
#include "core/network/plan_entry.h"
#include "core/network/selected_operators.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <span>
#include <string_view>

namespace core {

namespace {

void warnOfInnerName(const Operator& op, const QuantizationPlan& plan, std::vector<std::string>& warnings)
{
    if (const std::string& key = keyOf(plan.operators, op); op.type != "Input" && key != op.name) {
        warnings.push_back(fmt::format("plan key '{}' is part of the fused operator '{}'", key, op.name));
    }
}

/// A selector may catch a node inside an operator, and then sets all of it.
void warnOfInnerMatches(const std::string& text, std::span<const SelectableOperator> all,
                        const std::vector<std::size_t>& picked, const OperatorGraph& graph,
                        std::vector<std::string>& warnings)
{
    const OperatorSelector selector = OperatorSelector::parse(text);
    std::string first;
    std::size_t count = 0;
    for (const std::size_t i : picked) {
        SelectableOperator alone = all[i];
        alone.nodes = {};
        if (!selector.matches(std::span(&alone, 1), 0)) {
            first = first.empty() ? graph.operators[i].name : first;
            ++count;
        }
    }
    if (count > 0) {
        warnings.push_back(fmt::format("plan key '{}' matches nodes inside '{}'{}", text, first,
                                       count > 1 ? fmt::format(" and {} more operators", count - 1) : ""));
    }
}

void checkNames(const OperatorGraph& graph, const QuantizationPlan& plan, std::vector<std::string>& warnings)
{
    std::set<std::string_view> known;
    std::vector<std::string> inputs;
    for (const Operator& op : graph.operators) {
        if (op.type == "Input") {
            inputs.push_back(op.name);
        } else {
            known.insert(op.name);
        }
        known.insert(op.nodeNames.begin(), op.nodeNames.end());
    }
    const auto all = mayHaveSelectors(plan) ? selectableOperators(graph) : std::vector<SelectableOperator>();
    for (const auto& [name, settings] : plan.operators) {
        if (known.contains(name)) {
            continue;
        }
        if (std::ranges::find(inputs, name) != inputs.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("plan: no operator is named '{}'; it is an input: use \"inputs\"", name));
        }
        if (!OperatorSelector::isOne(name)) {
            throw Error(ErrorKind::Usage,
                        fmt::format("plan: no operator is named '{}'{}", name,
                                    nearMisses(name, std::vector<std::string>(known.begin(), known.end()))));
        }
        const auto picked = namedOrSelected(name, all, "plan");
        const auto kind = OperatorSelector::parse(name).kind();
        if (kind == OperatorSelector::Kind::Wildcard || kind == OperatorSelector::Kind::Expression) {
            warnOfInnerMatches(name, all, picked, graph, warnings);
        }
    }
    for (const auto& [name, settings] : plan.inputs) {
        if (std::ranges::find(inputs, name) == inputs.end()) {
            throw Error(
                ErrorKind::Usage,
                fmt::format("plan: the model has no input named '{}'{}", name, nearMisses(name, inputs)));
        }
    }
}

/// A type that nobody knows is a slip. Rules for types that no operator has do nothing: said, unless they are
/// those that every plan starts with.
void checkTypes(const OperatorGraph& graph, const QuantizationPlan& plan, std::vector<std::string>& warnings)
{
    std::set<std::string> types{"Input"};
    for (const Operator& op : graph.operators) {
        types.insert(op.type);
    }
    std::set<std::string> known = types;
    for (const OperatorDefinition& definition : allOperators()) {
        known.emplace(definition.type);
    }
    const auto usual = QuantizationPlan::makeDefault().types;
    for (const auto& [type, settings] : plan.types) {
        if (!known.contains(type)) {
            throw Error(ErrorKind::Usage,
                        fmt::format("plan: no operator type is named '{}'{}", type,
                                    nearMisses(type, {known.begin(), known.end()})));
        }
        const auto own = usual.find(type);
        if (!types.contains(type) && (own == usual.end() || own->second != settings)) {
            warnings.push_back(fmt::format("plan: no operator is of type '{}'{}", type,
                                           nearMisses(type, {types.begin(), types.end()})));
        }
    }
}

/// A Sigmoid or Tanh that the runtime would fuse, but for its table.
void sayTables(const OperatorGraph& graph, std::vector<std::string>& warnings)
{
    using Kind = kernels::Activation::Kind;
    for (const Operator& op : graph.operators) {
        const Kind kind = traitsOf(op.type).activation;
        if ((kind != Kind::Sigmoid && kind != Kind::Tanh) || op.inputs.empty() || !graph.options.enabled
            || !graph.options.tables.of(op.node) || graph.graph->isOutput(op.inputs[0])) {
            continue;
        }
        const auto producer = graph.producerOf[indexOf(op.inputs[0])];
        const bool isProduct = producer && isLinear(graph.at(*producer).type)
            && graph.at(*producer).activation.kind == Kind::None
            && graph.consumersOf[indexOf(op.inputs[0])].size() == 1;
        if (isProduct && (kernels::hasKernel(kind) || graph.options.functions != FusedFunctions::None)) {
            warnings.push_back(fmt::format(
                "{}: {} stays apart from {}: under convention dnnlowp it is a table of codes (with "
                "activation.followed_by of {} its own)",
                op.name, op.type, graph.at(*producer).name, graph.at(*producer).name));
        }
    }
}

} // namespace

std::vector<OperatorSettings> planSettings(const OperatorGraph& graph, const QuantizationPlan& plan,
                                           std::vector<std::string>& warnings)
{
    checkNames(graph, plan, warnings);
    checkTypes(graph, plan, warnings);
    sayTables(graph, warnings);
    std::vector<OperatorSettings> settings;
    for (const Operator& op : graph.operators) {
        warnOfInnerName(op, plan, warnings);
        settings.push_back(settingsOf(plan, op));
    }
    return settings;
}

} // namespace core
