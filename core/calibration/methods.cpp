#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
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
        movingAverageDefinition(),
        l1StreamDefinition(),
        l2StreamDefinition(),
        l2ApproxStreamDefinition(),
        p99StreamDefinition(),
        entropyStreamDefinition(),
        dynamicDefinition(),
        dynamicL2Definition(),
        dynamicP99Definition(),
        manualDefinition(),
        writtenDefinition(),
    };
    return kMethods;
}

[[noreturn]] void throwUnknown(std::string_view text)
{
    std::vector<std::string> names;
    for (const auto& method : methods()) {
        names.emplace_back(method.name);
    }
    std::string advice = nearMisses(text, names);
    if (advice.empty()) {
        advice = fmt::format("; there are {}", fmt::join(names, ", "));
    }
    throw Error(ErrorKind::Usage, fmt::format("calibration method '{}' is unknown{}", text, advice));
}

/// Whether such a collector exists is known where the user's settings are.
void requireCustomName(std::string_view text)
{
    const auto isWord = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    };
    const std::string_view name = text.substr(kCustomPrefix.size());
    if (name.empty() || !std::ranges::all_of(name, isWord)) {
        throw Error(
            ErrorKind::Usage,
            fmt::format(
                "calibration method '{}': custom:NAME is expected, NAME of letters, digits, '_', '-', '.'",
                text));
    }
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
        return method->byDefault();
    }
    if (text.starts_with(kCustomPrefix)) {
        requireCustomName(text);
        return {std::string(text), std::nullopt};
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

} // namespace core
