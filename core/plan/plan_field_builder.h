#pragma once

#include "core/plan/plan_fields.h"

#include <string>
#include <utility>
#include <vector>

/// How rows of planFields() are made; each family of them has a file.
namespace core::fields {

/// Names of what a value must be, in the errors of a plan.
[[nodiscard]] std::string wordOf(const PlanValue& value); ///< throws where it is no text
[[nodiscard]] bool flagOf(const PlanValue& value); ///< true, false, or these as text
[[nodiscard]] int bitsOf(const PlanValue& value); ///< a whole number of bits that integers can have
[[nodiscard]] int wholeNumberOf(const PlanValue& value, int least, int most, int step);
[[nodiscard]] std::vector<float> numbersOf(const PlanValue& value,
                                           std::string_view expected); ///< finite, some

/// A row for `access(settings)`, a std::optional: read by `parse` from a PlanValue, written by `write` as
/// one.
template <typename Access, typename Parse, typename Write>
[[nodiscard]] PlanField field(PlanField made, Access access, Parse parse, Write write)
{
    made.get = [access, write](const OperatorSettings& settings) {
        const auto& value = access(settings);
        return value ? std::optional(PlanValue(write(*value))) : std::nullopt;
    };
    made.shown = [get = made.get](const OperatorSettings& settings) {
        const auto value = get(settings);
        return value ? std::optional(textOf(*value)) : std::nullopt;
    };
    made.choice = made.shown;
    made.set = [access, parse](OperatorSettings& settings, const PlanValue& value) {
        access(settings) = parse(value);
    };
    made.clear = [access](OperatorSettings& settings) { access(settings).reset(); };
    made.layer = [access](OperatorSettings& base, const OperatorSettings& over) {
        if (const auto& value = access(over)) {
            access(base) = value;
        }
    };
    return made;
}

/// A value that a word stands for.
template <typename Access, typename Parse>
[[nodiscard]] PlanField wordField(PlanField made, Access access, Parse parse)
{
    return field(
        std::move(made), access, [parse](const PlanValue& value) { return parse(wordOf(value)); },
        [](const auto& value) { return toString(value); });
}

/// Whether something is done.
template <typename Access>
[[nodiscard]] PlanField flagField(PlanField made, Access access)
{
    made.choices = {{"true", "yes"}, {"false", "no"}};
    return field(std::move(made), access, flagOf, [](bool value) { return value; });
}

/// A width of codes.
template <typename Access>
[[nodiscard]] PlanField bitsField(PlanField made, Access access)
{
    for (int width = kFewestBits; width <= kMostBits; ++width) {
        made.choices.push_back({std::to_string(width)});
    }
    return field(std::move(made), access, bitsOf, [](int value) { return std::int64_t{value}; });
}

/// A whole number within bounds, a multiple of `step`.
template <typename Access>
[[nodiscard]] PlanField numberField(PlanField made, Access access, int least, int most, int step)
{
    return field(
        std::move(made), access,
        [=](const PlanValue& value) { return wholeNumberOf(value, least, most, step); },
        [](int value) { return std::int64_t{value}; });
}

/// How a range is chosen.
template <typename Access>
[[nodiscard]] PlanField methodField(PlanField made, Access access)
{
    for (const CalibrationMethodDefinition& method : calibrationMethods()) {
        made.choices.push_back(
            {std::string(method.name), std::string(method.title), std::string(method.help)});
    }
    made = wordField(std::move(made), access,
                     [](const std::string& text) { return parseCalibrationMethod(text); });
    made.choice = [access](const OperatorSettings& settings) {
        const auto& method = access(settings);
        return method ? std::optional(method->name) : std::nullopt;
    };
    return made;
}

/// `shown` instead of the whole value, which is long.
template <typename Access>
[[nodiscard]] PlanField shortly(PlanField made, Access access)
{
    made.shown = [access](const OperatorSettings& settings) {
        const auto& value = access(settings);
        return value ? std::optional(toString(*value)) : std::nullopt;
    };
    made.choice = made.shown;
    return made;
}

[[nodiscard]] std::vector<PlanField> outputFields(); ///< precision, and of the output its range and width
[[nodiscard]] std::vector<PlanField> weightFields();
[[nodiscard]] std::vector<PlanField> codeFields(); ///< whose formulas turn ranges into codes
[[nodiscard]] std::vector<PlanField> arithmeticFields(); ///< whose arithmetic adds products up
[[nodiscard]] std::vector<PlanField> graphFields(); ///< what an operator shares with its neighbours
[[nodiscard]] std::vector<PlanField> repairFields();

} // namespace core::fields
