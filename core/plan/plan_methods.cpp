#include "core/plan/plan_methods.h"

#include <algorithm>

namespace core {

std::vector<CalibrationMethod> activationMethods(const QuantizationPlan& plan)
{
    std::vector<CalibrationMethod> methods;
    const auto add = [&](const OperatorSettings& settings) {
        const auto& method = settings.activation.method;
        if (method && std::ranges::find(methods, *method) == methods.end()) {
            methods.push_back(*method);
        }
    };
    add(plan.defaults);
    for (const auto* map : {&plan.types, &plan.operators, &plan.inputs}) {
        for (const auto& [name, settings] : *map) {
            add(settings);
        }
    }
    return methods;
}

} // namespace core
