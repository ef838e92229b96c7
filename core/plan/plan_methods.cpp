#include "core/plan/plan_methods.h"

#include <algorithm>

namespace core {

std::vector<CalibrationMethod> activationMethods(const QuantizationPlan& plan)
{
    std::vector<CalibrationMethod> methods;
    const auto add = [&](const OperatorSettings& settings) {
        const auto addOne = [&](const CalibrationMethod& method) {
            if (std::ranges::find(methods, method) == methods.end()) {
                methods.push_back(method);
            }
        };
        if (settings.activation.method) {
            addOne(*settings.activation.method);
        }
        for (const auto& [input, method] :
             settings.activation.inputMethods.value_or(InputMethods{}).byInput) {
            addOne(method);
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
