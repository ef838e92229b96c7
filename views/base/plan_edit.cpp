#include "views/base/plan_edit.h"

namespace views {

namespace {

bool isInput(const core::LayerReport& layer) { return layer.type == "Input"; }

} // namespace

core::OperatorSettings ownSettings(const core::QuantizationPlan& plan, const core::LayerReport& layer)
{
    const auto& settings = isInput(layer) ? plan.inputs : plan.operators;
    if (const auto found = settings.find(layer.name); found != settings.end()) {
        return found->second;
    }
    // A plan may name any inner node of a fused operator.
    for (const std::string& node : layer.nodes) {
        if (const auto found = settings.find(node); found != settings.end()) {
            return found->second;
        }
    }
    return {};
}

core::OperatorSettings settingsOf(const core::QuantizationPlan& plan, const core::LayerReport& layer)
{
    const core::OperatorSettings general =
        isInput(layer) ? plan.settingsForInput(layer.name) : plan.settingsFor(layer.name, layer.type);
    return core::layered(general, ownSettings(plan, layer));
}

core::QuantizationPlan withSettings(const core::QuantizationPlan& plan, const core::LayerReport& layer,
                                    const core::OperatorSettings& settings)
{
    core::QuantizationPlan next = plan;
    auto& all = isInput(layer) ? next.inputs : next.operators;
    for (const std::string& node : layer.nodes) {
        all.erase(node);
    }
    if (settings.isEmpty()) {
        all.erase(layer.name);
    } else {
        all[layer.name] = settings;
    }
    return next;
}

core::CalibrationTarget targetOf(const core::QuantizationPlan& plan, const core::LayerReport& layer)
{
    const core::OperatorSettings settings = settingsOf(plan, layer);
    return {settings.activation.scheme.value_or(core::Scheme::Asymmetric),
            settings.activation.bits.value_or(8)};
}

} // namespace views
