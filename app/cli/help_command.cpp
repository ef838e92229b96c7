#include "app/cli/command.h"
#include "core/plan/plan_fields.h"
#include "core/plan/presets.h"

#include <fmt/core.h>
#include <string>
#include <string_view>

namespace cli {

namespace {

// How a plan is made; its keys follow from planFields().
constexpr std::string_view kPlanHelp =
    R"(A plan is JSON: {"format": "noisefloor-plan/1", "defaults": {…}, "types": {TYPE: {…}},
"operators": {NAME: {…}}, "inputs": {NAME: {…}}, "outputs": "quantized"|"float",
"runtime": NAME, "preset": NAME}. Operator over type over defaults over preset.
Types that stay fp32 as a rule have it in "types"; an empty entry {TYPE: {}} takes that rule away.
--set KEY=VALUE writes into the defaults, --set 'NAME::KEY=VALUE' into one operator.
A NAME of operators may be a selector, in plans, --set and --fail-if alike:
  type:Conv       by type, over what "types" say; * and ? as below
  Conv>Conv       the last of a sequence of types: a Conv that reads a Conv; * is any type
  block?/conv*    by name: * any characters, ? one; also names of nodes fused into an operator
  /conv[0-9]+$/   by name: a regular expression, found anywhere in it
  #3              by position in execution order, from #0, inputs not counted
Of several the one further down this list wins, of one kind the longer; an exact name wins over all.
Keys:

)";

/// "key   text", wrapped at 120 columns and indented below the text.
std::string wrapped(std::string_view key, std::string_view text)
{
    constexpr std::size_t kIndent = 28;
    constexpr std::size_t kColumns = 120;
    std::string result = fmt::format("{:<{}}", key, kIndent);
    std::size_t column = kIndent;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        if (column + word.size() + 1 > kColumns) {
            result += fmt::format("\n{:{}}", "", kIndent);
            column = kIndent;
        }
        result += fmt::format("{}{}", column == kIndent ? "" : " ", word);
        column += word.size() + 1;
    }
    return result + "\n";
}

int explainPlan()
{
    fmt::print("{}", kPlanHelp);
    for (const core::PlanField& field : core::planFields()) {
        fmt::print("{}", wrapped(field.key, field.manual));
    }
    for (const core::PlanPreset& preset : core::planPresets()) {
        std::string text = std::string(preset.help) + ":";
        for (const auto& [key, value] : preset.settings) {
            text += fmt::format(" {}={}", key, value);
        }
        fmt::print("{}", wrapped(fmt::format("preset={}", preset.name), text));
    }
    return Done;
}

} // namespace

Command helpCommand()
{
    const Command plan{"plan", "Every key of a plan and what it takes",
                       [](Options&) -> std::function<int()> { return explainPlan; }};
    return {"help", "Explain a subject: plan", {}, {plan}};
}

} // namespace cli
