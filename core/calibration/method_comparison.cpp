#include "core/calibration/method_comparison.h"

namespace core {

std::vector<MethodOutcome> compareMethods(const TensorStatistics& statistics, const CalibrationTarget& target,
                                          const std::stop_token& stop)
{
    std::vector<MethodOutcome> outcomes;
    if (statistics.total.count == 0) {
        return outcomes;
    }
    for (const CalibrationMethodDefinition& definition : calibrationMethods()) {
        if (stop.stop_requested()) {
            return {};
        }
        if (!definition.choose) {
            continue; // manual: the range is the user's
        }
        MethodOutcome outcome;
        outcome.method = {std::string(definition.name), definition.parameter};
        outcome.range = calibrate(statistics, outcome.method, target);
        outcome.params = chooseActivationParams(outcome.range, target.scheme, target.bits);
        outcome.cost = quantizationCost(statistics, outcome.params);
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

} // namespace core
