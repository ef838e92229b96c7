#include "core/calibration/collector.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace core {

namespace {

std::string customName(const CalibrationMethod& method) { return method.name.substr(kCustomPrefix.size()); }

} // namespace

bool isCustom(const CalibrationMethod& method) { return method.name.starts_with(kCustomPrefix); }

bool isCollected(const CalibrationMethod& method)
{
    const auto* definition = findCalibrationMethod(method.name);
    return isCustom(method) || (definition && definition->collect);
}

void requireRegistered(const CalibrationMethod& method, const CustomMethods& custom)
{
    if (!isCustom(method) || custom.contains(customName(method))) {
        return;
    }
    std::vector<std::string> names;
    for (const auto& [name, definition] : custom) {
        names.push_back(name);
    }
    const std::string known =
        names.empty() ? "there are none" : fmt::format("there are {}", fmt::join(names, ", "));
    const std::string near = nearMisses(customName(method), names);
    throw Error(
        ErrorKind::Usage,
        fmt::format(
            "custom collector '{}' is not registered in your settings{}; a plan cannot bring code along: "
            "add it to your collectors file",
            customName(method), near.empty() ? " (" + known + ")" : near));
}

std::unique_ptr<Collector> makeCollector(const CalibrationMethod& method, const std::string& tensor,
                                         const CustomMethods& custom)
{
    requireRegistered(method, custom);
    if (isCustom(method)) {
        return custom.at(customName(method)).collect(tensor);
    }
    const auto* definition = findCalibrationMethod(method.name);
    if (!definition || !definition->collect) {
        throw Error(ErrorKind::Usage, fmt::format("calibration method '{}' needs no samples", method.name));
    }
    return definition->collect(method.parameter.value_or(definition->parameter.value_or(0.0)));
}

Answer answerOf(const TensorStatistics& statistics, const CalibrationMethod& method)
{
    if (statistics.collected.contains(toString(method))) {
        return Answer::Exact;
    }
    const auto* definition = findCalibrationMethod(method.name);
    if (!definition || !definition->choose) {
        return Answer::None;
    }
    return definition->collect ? Answer::Merged : Answer::Exact;
}

void collectValues(TensorStatistics& statistics, std::span<const float> values,
                   std::span<const CalibrationMethod> methods, const std::string& tensor,
                   const CustomMethods& custom)
{
    std::vector<float> finite;
    for (const CalibrationMethod& method : methods) {
        if (!isCollected(method)) {
            continue;
        }
        if (finite.empty()) {
            std::ranges::copy_if(values, std::back_inserter(finite),
                                 [](float x) { return std::isfinite(x); });
        }
        auto collector = makeCollector(method, tensor, custom);
        collector->add(finite);
        statistics.collected[toString(method)] = std::move(collector);
    }
}

} // namespace core
