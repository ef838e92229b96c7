#include "core/quantization/plan_settings.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/graph/operator_traits.h"
#include "core/network/plan_entry.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace core {

namespace {

void warnOfInnerName(const Operator& op, const QuantizationPlan& plan, std::vector<std::string>& warnings)
{
    if (const std::string& key = keyOf(plan.operators, op); op.type != "Input" && key != op.name) {
        warnings.push_back(fmt::format("plan key '{}' is part of the fused operator '{}'", key, op.name));
    }
}

void checkNames(const OperatorGraph& graph, const QuantizationPlan& plan)
{
    std::vector<std::string> names;
    std::vector<std::string> inputs;
    for (const Operator& op : graph.operators) {
        (op.type == "Input" ? inputs : names).push_back(op.name);
        names.insert(names.end(), op.nodeNames.begin(), op.nodeNames.end());
    }
    const std::set<std::string_view> known(names.begin(), names.end());
    for (const auto& [name, settings] : plan.operators) {
        if (!known.contains(name)) {
            const bool isInput = std::ranges::find(inputs, name) != inputs.end();
            throw Error(ErrorKind::Usage,
                        fmt::format("plan: no operator is named '{}'{}", name,
                                    isInput ? "; it is an input: use \"inputs\"" : nearMisses(name, names)));
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

/// Rules for types that no operator has do nothing: said, unless they are those that every plan starts with.
void checkTypes(const OperatorGraph& graph, const QuantizationPlan& plan, std::vector<std::string>& warnings)
{
    std::set<std::string> types;
    for (const Operator& op : graph.operators) {
        types.insert(op.type);
    }
    const auto usual = QuantizationPlan::makeDefault().types;
    for (const auto& [type, settings] : plan.types) {
        const auto own = usual.find(type);
        if (!types.contains(type) && type != "Input" && (own == usual.end() || own->second != settings)) {
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
    checkNames(graph, plan);
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
