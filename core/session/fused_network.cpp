#include "core/session/fused_network.h"

#include "core/network/selected_operators.h"

#include <algorithm>

namespace core {

EqualizationWishes equalizationOf(const QuantizationPlan& plan)
{
    EqualizationWishes wishes;
    wishes.all = plan.defaults.weight.equalize.value_or(Equalization{});
    bool any = wishes.all.isOn();
    const auto put = [&](const auto& from, auto& into) {
        for (const auto& [name, settings] : from) {
            if (settings.weight.equalize) {
                into[name] = *settings.weight.equalize;
                any = any || settings.weight.equalize->isOn();
            }
        }
    };
    put(plan.types, wishes.types);
    put(plan.selected, wishes.operators);
    put(plan.operators, wishes.operators);
    return any ? wishes : EqualizationWishes{};
}

TableWishes tablesOf(const QuantizationPlan& plan)
{
    const auto asks = [](const OperatorSettings& settings) {
        return settings.activation.convention == Convention::Dnnlowp;
    };
    TableWishes wishes;
    wishes.all = asks(plan.defaults);
    for (const auto& [type, settings] : plan.types) {
        if (settings.activation.convention) {
            wishes.types[type] = asks(settings);
        }
    }
    for (const auto* const entries : {&plan.selected, &plan.operators}) {
        for (const auto& [name, settings] : *entries) {
            if (settings.activation.convention) {
                wishes.operators[name] = asks(settings);
            }
        }
    }
    return wishes;
}

FusionOptions fusionOf(const QuantizationPlan& plan)
{
    FusionOptions options;
    options.enabled = plan.fuse;
    options.fuseResidual = plan.fusesSums();
    options.functions = definitionOf(plan.runtime()).functions;
    options.fuseRelu = definitionOf(plan.runtime()).fusesRelu;
    options.tables = tablesOf(plan);
    for (const auto* const entries : {&plan.selected, &plan.operators}) {
        for (const auto& [name, settings] : *entries) {
            if (settings.fuseResidual) {
                options.residualByName[name] = *settings.fuseResidual;
            }
        }
    }
    options.equalize = equalizationOf(plan);
    return options;
}

FusionOptions fusionOf(const QuantizationPlan& plan, const std::shared_ptr<const Graph>& graph)
{
    const bool matters = std::ranges::any_of(plan.operators, [](const auto& entry) {
        return OperatorSelector::isOne(entry.first)
            && (entry.second.fuseResidual || entry.second.weight.equalize
                || entry.second.activation.convention);
    });
    if (!matters) {
        return fusionOf(plan);
    }
    QuantizationPlan named = plan;
    named.selected.clear();
    std::erase_if(named.operators, [](const auto& entry) { return OperatorSelector::isOne(entry.first); });
    return fusionOf(boundTo(*fuseOperators(graph, fusionOf(named)), plan));
}

std::shared_ptr<const StatisticsByValue> byName(const OperatorGraph& graph,
                                                const std::vector<TensorStatistics>& statistics)
{
    auto result = std::make_shared<StatisticsByValue>();
    for (std::size_t i = 0; i < statistics.size(); ++i) {
        if (graph.producerOf[i] && statistics[i].samples > 0) {
            result->emplace(graph.value(ValueId(i)).name, statistics[i]);
        }
    }
    return result;
}

std::vector<TensorStatistics> byValue(const OperatorGraph& graph, const StatisticsByValue& named)
{
    std::vector<TensorStatistics> result(graph.producerOf.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!graph.producerOf[i]) {
            continue;
        }
        const auto found = named.find(graph.value(ValueId(i)).name);
        if (found == named.end()) {
            return {};
        }
        result[i] = found->second;
    }
    return result;
}

} // namespace core
