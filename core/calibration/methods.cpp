#include "core/calibration/definitions.h"
#include "core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <vector>

namespace core {

namespace {

const auto& methods()
{
    static const std::array kMethods{
        minMaxDefinition(),
        percentileDefinition(),
        entropyDefinition(),
        l2Definition(),
        l1Definition(),
        l2ApproxDefinition(),
        p99Definition(),
        maxChDefinition(),
        l2DnnlowpDefinition(),
        l1DnnlowpDefinition(),
        l2PytorchDefinition(),
        entropyMxnetDefinition(),
        entropyMxnetPr9552Definition(),
        entropyDnnlowpDefinition(),
        entropyOrtDefinition(),
        entropyPaddleDefinition(),
        manualDefinition(),
    };
    return kMethods;
}

/// Number of single-letter edits between two words.
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

[[noreturn]] void throwUnknown(std::string_view text)
{
    std::vector<std::string_view> near;
    std::vector<std::string_view> all;
    for (const auto& method : methods()) {
        all.push_back(method.name);
        const bool begins = !text.empty() && (method.name.starts_with(text) || text.starts_with(method.name));
        if (begins || editDistance(text, method.name) <= 2
            || (!method.alias.empty() && editDistance(text, method.alias) <= 2)) {
            near.push_back(method.name);
        }
    }
    if (!near.empty()) {
        throw Error(
            ErrorKind::Usage,
            fmt::format("calibration method '{}' is unknown; did you mean {}?", text, fmt::join(near, ", ")));
    }
    throw Error(ErrorKind::Usage,
                fmt::format("calibration method '{}' is unknown; there are {}", text, fmt::join(all, ", ")));
}

} // namespace

std::span<const CalibrationMethodDefinition> calibrationMethods() { return methods(); }

const CalibrationMethodDefinition* findCalibrationMethod(std::string_view name)
{
    const auto found = std::ranges::find_if(
        methods(), [&](const auto& m) { return m.name == name || (!m.alias.empty() && m.alias == name); });
    return found == methods().end() ? nullptr : &*found;
}

CalibrationMethod parseCalibrationMethod(std::string_view text)
{
    // The whole text first: `entropy:mxnet` is a name, not entropy with a parameter.
    if (const auto* method = findCalibrationMethod(text)) {
        return {std::string(method->name), method->parameter};
    }
    const std::size_t colon = text.rfind(':');
    const auto* method =
        colon == std::string_view::npos ? nullptr : findCalibrationMethod(text.substr(0, colon));
    if (!method) {
        throwUnknown(text);
    }
    const std::string_view number = text.substr(colon + 1);
    double value = 0.0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc{} || end != number.data() + number.size()) {
        throwUnknown(text);
    }
    if (!method->parameter) {
        throw Error(ErrorKind::Usage,
                    fmt::format("calibration method '{}': {} takes no parameter", text, method->name));
    }
    if (!(value >= method->lowest && value <= method->highest)) {
        throw Error(ErrorKind::Usage,
                    fmt::format("calibration method '{}': the parameter must lie between {} and {}", text,
                                method->lowest, method->highest));
    }
    return {std::string(method->name), value};
}

std::string toString(const CalibrationMethod& method)
{
    return method.parameter ? fmt::format("{}:{}", method.name, *method.parameter) : method.name;
}

Range calibrate(const TensorStatistics& statistics, const CalibrationMethod& method,
                const CalibrationTarget& target)
{
    const auto* definition = findCalibrationMethod(method.name);
    if (!definition) {
        throwUnknown(method.name);
    }
    if (!definition->choose) {
        throw Error(ErrorKind::Usage,
                    fmt::format("calibration method '{}' takes its range from the plan, not from statistics",
                                method.name));
    }
    if (statistics.total.count == 0) {
        return {};
    }
    const Range range = definition->choose(statistics, target,
                                           method.parameter.value_or(definition->parameter.value_or(0.0)));
    return {std::min(range.min, 0.0), std::max(range.max, 0.0)};
}

} // namespace core
