#include "core/plan/plan_fields.h"

#include "core/base/error.h"
#include "core/plan/plan_field_builder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace core {

namespace fields {

namespace {

[[noreturn]] void refuseValue(const std::string& what) { throw Error(ErrorKind::Usage, what); }

} // namespace

std::string wordOf(const PlanValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    refuseValue("a string is expected");
}

bool flagOf(const PlanValue& value)
{
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag;
    }
    const auto* text = std::get_if<std::string>(&value);
    if (!text || (*text != "true" && *text != "false")) {
        refuseValue("true or false is expected");
    }
    return *text == "true";
}

int bitsOf(const PlanValue& value)
{
    std::int64_t bits = 0;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        bits = *number;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        std::from_chars(text->data(), text->data() + text->size(), bits);
    }
    if (bits < kFewestBits || bits > kMostBits) {
        refuseValue(fmt::format("{} … {} bits are available", kFewestBits, kMostBits));
    }
    return static_cast<int>(bits);
}

int wholeNumberOf(const PlanValue& value, int least, int most, int step)
{
    std::int64_t number = std::int64_t{least} - 1;
    if (const auto* given = std::get_if<std::int64_t>(&value)) {
        number = *given;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        number =
            error == std::errc{} && end == text->data() + text->size() ? number : std::int64_t{least} - 1;
    }
    if (number < least || number > most || number % step != 0) {
        refuseValue(fmt::format("a whole number between {} and {}{} is expected", least, most,
                                step == 1 ? "" : fmt::format(", a multiple of {},", step)));
    }
    return static_cast<int>(number);
}

std::vector<float> numbersOf(const PlanValue& value, std::string_view expected)
{
    if (const auto* exact = std::get_if<std::vector<float>>(&value)) {
        return *exact;
    }
    const auto* list = std::get_if<std::vector<double>>(&value);
    if (!list) {
        refuseValue(fmt::format("{} is expected", expected));
    }
    if (list->empty()) {
        refuseValue("at least one number is expected");
    }
    std::vector<float> numbers;
    for (const double number : *list) {
        numbers.push_back(static_cast<float>(number));
        if (!std::isfinite(numbers.back())) {
            refuseValue("finite numbers are expected");
        }
    }
    return numbers;
}

} // namespace fields

std::string textOf(const PlanValue& value)
{
    struct Writer
    {
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(const std::vector<double>& list) const { return fmt::format("{}", list); }
        std::string operator()(const std::vector<float>& list) const { return fmt::format("{}", list); }
    };
    return std::visit(Writer{}, value);
}

namespace {

/// The order in which plans are written: what it runs in, its output, its weights, its arithmetic.
int groupOf(std::string_view key)
{
    return key == "precision" ? 0 : key.starts_with("activation.") ? 1 : key.starts_with("weight.") ? 2 : 3;
}

} // namespace

const std::vector<PlanField>& planFields()
{
    static const std::vector<PlanField> kFields = [] {
        std::vector<PlanField> all;
        for (auto more : {fields::outputFields(), fields::weightFields(), fields::codeFields(),
                          fields::arithmeticFields(), fields::graphFields(), fields::repairFields()}) {
            std::move(more.begin(), more.end(), std::back_inserter(all));
        }
        std::ranges::stable_sort(all, {}, [](const PlanField& field) { return groupOf(field.key); });
        return all;
    }();
    return kFields;
}

const PlanField* findPlanField(std::string_view key)
{
    const auto it = std::ranges::find(planFields(), key, &PlanField::key);
    return it == planFields().end() ? nullptr : &*it;
}

std::string weightKeyOf(const WeightSettings& weight)
{
    OperatorSettings settings;
    settings.weight = weight;
    std::string key;
    for (const PlanField& field : planFields()) {
        if (field.decidesWeights) {
            const auto value = field.get(settings);
            key += value ? textOf(*value) : std::string();
            key += '\n';
        }
    }
    return key;
}

} // namespace core
