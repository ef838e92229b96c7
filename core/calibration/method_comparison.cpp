#include "core/calibration/method_comparison.h"

namespace core {

std::vector<MethodOutcome> compareMethods(const TensorStatistics& statistics, const CalibrationTarget& target,
                                          const std::stop_token& stop, ComparedMethods which)
{
    std::vector<MethodOutcome> outcomes;
    if (statistics.total.count == 0) {
        return outcomes;
    }
    for (const CalibrationMethodDefinition& definition : calibrationMethods()) {
        if (stop.stop_requested()) {
            return {};
        }
        const bool isVariant = definition.name.find(':') != std::string_view::npos;
        if (definition.isByName && !statistics.collected.contains(toString(definition.byDefault()))) {
            continue;
        }
        if (which != ComparedMethods::All && isVariant != (which == ComparedMethods::Variants)) {
            continue;
        }
        MethodOutcome outcome;
        outcome.method = definition.byDefault();
        const bool wasCollected = statistics.collected.contains(toString(outcome.method));
        if (!definition.choose && !wasCollected) {
            continue; // the range is the user's, or needs samples that were not kept
        }
        outcome.isFromMergedHistogram = definition.collect && !wasCollected;
        outcome.range = calibrate(statistics, outcome.method, target);
        outcome.params = chooseActivationParams(outcome.range, target.scheme, target.bits);
        outcome.cost = quantizationCost(statistics, outcome.params);
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

} // namespace core
