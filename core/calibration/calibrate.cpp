#include "core/base/error.h"
#include "core/calibration/collector.h"
#include "core/calibration/method.h"
#include "core/calibration/run_time_range.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

Range withZero(const Range& range) { return {std::min(range.min, 0.0), std::max(range.max, 0.0)}; }

[[noreturn]] void throwNotCollected(const std::string& text)
{
    throw Error(
        ErrorKind::Usage,
        fmt::format(
            "calibration method '{}' looks at the samples one after the other and saw none of this tensor",
            text));
}

} // namespace

Range calibrate(const TensorStatistics& statistics, const CalibrationMethod& method,
                const CalibrationTarget& target)
{
    const std::string text = toString(method);
    if (const auto it = statistics.collected.find(text); it != statistics.collected.end()) {
        return statistics.total.count == 0 ? Range{} : withZero(it->second->range(statistics, target));
    }
    if (isCustom(method)) {
        throwNotCollected(text);
    }
    const auto* definition = findCalibrationMethod(method.name);
    if (!definition) {
        (void)parseCalibrationMethod(method.name); // says what there is
        throwNotCollected(text);
    }
    if (!definition->choosesFromData()) {
        throw Error(
            ErrorKind::Usage,
            fmt::format("calibration method '{}' does not choose a range from statistics", method.name));
    }
    if (statistics.total.count == 0) {
        return {};
    }
    if (!definition->choose) {
        throwNotCollected(text);
    }
    const double parameter = method.parameter.value_or(definition->parameter.value_or(0.0));
    return withZero(definition->choose(statistics, target, parameter));
}

Range calibrateValues(std::span<const float> values, const CalibrationMethod& method,
                      const CalibrationTarget& target)
{
    if (isRunTime(method)) {
        throw Error(ErrorKind::Usage, "weights are constant: method " + method.name + " is for activations");
    }
    if (isCustom(method)) {
        throw Error(
            ErrorKind::Usage,
            fmt::format("'{}' is a collector of activations; weights take a method of our own", method.name));
    }
    TensorStatistics statistics = statisticsOf(values, {0, 1});
    collectValues(statistics, values, {&method, 1}, {}, {});
    return calibrate(statistics, method, target);
}

} // namespace core
