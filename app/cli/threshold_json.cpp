#include "app/cli/threshold_json.h"

#include "app/cli/signals.h"
#include "core/calibration/collector.h"
#include "core/calibration/entropy_choice.h"

#include <algorithm>
#include <cmath>

namespace cli {

namespace {

ThresholdJson number(double value)
{
    return std::isfinite(value) ? ThresholdJson(value) : ThresholdJson(nullptr);
}

} // namespace

std::vector<core::CalibrationMethod> methodsOf(const std::string& text, const core::CustomMethods& custom)
{
    std::vector<core::CalibrationMethod> methods;
    if (text == "all") {
        for (const auto& definition : core::calibrationMethods()) {
            if (definition.choosesFromData() && !definition.isByName) {
                methods.push_back(definition.byDefault());
            }
        }
        for (const auto& [name, method] : custom) {
            methods.push_back({std::string(core::kCustomPrefix) + name, std::nullopt});
        }
        return methods;
    }
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        methods.push_back(core::parseCalibrationMethod(text.substr(start, comma - start)));
        start = comma + 1;
    }
    return methods;
}

ThresholdJson momentsToJson(const core::TensorStatistics& statistics)
{
    const core::Moments& m = statistics.total;
    return {{"count", m.count},
            {"min", number(m.min)},
            {"max", number(m.max)},
            {"mean", number(m.mean())},
            {"std", number(std::sqrt(m.variance()))},
            {"zeros", m.zeros},
            {"zero_share", number(statistics.zeroShare())},
            {"nans", m.nans},
            {"infinities", m.infinities}};
}

ThresholdJson thresholdsToJson(const core::TensorStatistics& statistics,
                               const std::vector<core::CalibrationMethod>& methods,
                               const core::CalibrationTarget& target)
{
    ThresholdJson json = ThresholdJson::object();
    if (statistics.total.count == 0) {
        return json;
    }
    for (const core::CalibrationMethod& method : methods) {
        if (interruption().stop_requested()) {
            break; // some methods search for seconds; what is cut short is not shown
        }
        const core::Answer answer = core::answerOf(statistics, method);
        if (answer == core::Answer::None) {
            continue;
        }
        const core::Range range = core::calibrate(statistics, method, target);
        const auto collected = statistics.collected.find(core::toString(method));
        auto cost = core::quantizationCost(statistics,
                                           core::chooseActivationParams(range, target.scheme, target.bits));
        if (collected != statistics.collected.end()) {
            cost = collected->second->cost(target).value_or(cost);
        }
        json[core::toString(method)] = {{"range", {number(range.min), number(range.max)}},
                                        {"clip_l2", number(std::sqrt(cost.clipSquared))},
                                        {"round_l2", number(std::sqrt(cost.roundSquared))},
                                        {"clipped", number(cost.clippedShare)},
                                        {"sqnr_db", number(cost.sqnrDb())}};
        if (const auto choice = core::entropyChoiceOf(statistics, method, target)) {
            ThresholdJson& entry = json[core::toString(method)];
            entry["divergence"] = number(choice->divergence);
            entry["candidates"] = choice->candidates;
            entry["infinite_candidates"] = choice->infinite;
        }
        if (answer == core::Answer::Merged) {
            json[core::toString(method)]["from_merged_histogram"] = true;
        }
    }
    return json;
}

} // namespace cli
