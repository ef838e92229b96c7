#include "core/network/selected_operators.h"

#include "core/base/error.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace core {

namespace {

using Selected = std::map<std::string, OperatorSettings>;

std::vector<OperatorSelector> selectorsOf(const OperatorGraph& graph, const QuantizationPlan& plan)
{
    std::set<std::string_view> names;
    for (const Operator& op : graph.operators) {
        names.insert(op.name);
        names.insert(op.nodeNames.begin(), op.nodeNames.end());
    }
    std::vector<OperatorSelector> selectors;
    for (const auto& [key, settings] : plan.operators) {
        if (OperatorSelector::isOne(key) && !names.contains(key)) {
            try {
                selectors.push_back(OperatorSelector::parse(key));
            } catch (const Error&) { // refused where the plan is resolved
                continue;
            }
        }
    }
    std::ranges::sort(selectors,
                      [](const OperatorSelector& a, const OperatorSelector& b) { return a.givesWayTo(b); });
    return selectors;
}

Selected selectedIn(const OperatorGraph& graph, const QuantizationPlan& plan)
{
    Selected selected;
    const auto all = selectableOperators(graph);
    for (const OperatorSelector& selector : selectorsOf(graph, plan)) {
        const OperatorSettings& settings = plan.operators.at(selector.text());
        for (const std::size_t i : selectedBy(selector, all)) {
            OperatorSettings& entry = selected[graph.operators[i].name];
            entry = layered(entry, settings);
        }
    }
    // A plan may go by the name of an inner node.
    for (const Operator& op : graph.operators) {
        if (const auto own = selected.find(op.name); own != selected.end()) {
            const OperatorSettings settings = own->second;
            for (const std::string& node : op.nodeNames) {
                selected.emplace(node, settings);
            }
        }
    }
    return selected;
}

} // namespace

std::vector<SelectableOperator> selectableOperators(const OperatorGraph& graph)
{
    std::vector<SelectableOperator> all;
    all.reserve(graph.operators.size());
    std::size_t position = 0;
    for (const Operator& op : graph.operators) {
        SelectableOperator item{op.name, op.type, op.nodeNames, position, {}};
        position += op.type == "Input" ? 0 : 1;
        for (const ValueId input : op.inputs) {
            if (input != kNoValue && graph.producerOf[indexOf(input)]) {
                item.sources.push_back(indexOf(*graph.producerOf[indexOf(input)]));
            }
        }
        all.push_back(std::move(item));
    }
    return all;
}

bool mayHaveSelectors(const QuantizationPlan& plan)
{
    return !plan.selected.empty() || std::ranges::any_of(plan.operators, [](const auto& entry) {
        return OperatorSelector::isOne(entry.first);
    });
}

QuantizationPlan boundTo(const OperatorGraph& graph, QuantizationPlan plan)
{
    if (mayHaveSelectors(plan)) {
        plan.selected = selectedIn(graph, plan);
    }
    return plan;
}

std::shared_ptr<const QuantizationPlan> boundTo(const OperatorGraph& graph,
                                                std::shared_ptr<const QuantizationPlan> plan)
{
    if (!mayHaveSelectors(*plan)) {
        return plan;
    }
    auto selected = selectedIn(graph, *plan);
    if (selected == plan->selected) {
        return plan;
    }
    auto bound = std::make_shared<QuantizationPlan>(*plan);
    bound->selected = std::move(selected);
    return bound;
}

} // namespace core
