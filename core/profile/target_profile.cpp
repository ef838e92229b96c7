#include "core/profile/target_profile.h"

#include "core/network/plan_entry.h"
#include "core/quantization/quantized_kind.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

namespace {

bool isAmong(const std::vector<PlanValue>& values, const std::string& whole, const std::string& word)
{
    return std::ranges::any_of(values, [&](const PlanValue& value) {
        const std::string text = textOf(value);
        return text == whole || text == word;
    });
}

std::string wordsOf(const std::vector<PlanValue>& values)
{
    std::vector<std::string> words;
    for (const PlanValue& value : values) {
        words.push_back(textOf(value));
    }
    return fmt::format("{}", fmt::join(words, " or "));
}

/// Whether the operator has numbers that the setting is about.
bool concerns(const PlanField& field, const Operator& op, QuantizedKind kind)
{
    if (field.key.starts_with("weight.")) {
        return kind == QuantizedKind::Linear;
    }
    return !field.key.starts_with("activation.") || kind != QuantizedKind::Inherits || op.type == "Input";
}

/// Why the precision is none of the target's; nothing where it is one.
std::optional<ProfileBreach> precisionBreach(const TargetProfile& profile, const Operator& op,
                                             Precision precision)
{
    const bool runsOnCodes = op.type == "Input" || profile.integerTypes.contains(op.type);
    std::string allowed = fmt::format("{}", fmt::join(profile.floats, " or "));
    if (precision.isInteger() ? runsOnCodes : profile.floats.contains(toString(precision))) {
        return std::nullopt;
    }
    allowed = runsOnCodes ? "integers or " + allowed : allowed;
    return ProfileBreach{
        op.name,     op.type,
        "precision", toString(precision),
        allowed,     runsOnCodes ? "no arithmetic of that kind" : "no integer form of this type"};
}

/// Calls `found` with each rule that an operator's settings break.
template <typename Found>
void eachBrokenRule(const TargetProfile& profile, const Operator& op, QuantizedKind kind,
                    const OperatorSettings& settings, const Found& found)
{
    for (const ProfileRule* rule : profile.rulesOf(op.type)) {
        const PlanField* const field = findPlanField(rule->key);
        if (concerns(*field, op, kind) && !rule->allows(*field, settings)) {
            found(*rule, *field);
        }
    }
}

/// A width of its own next to a precision that sets both: the precision says no width then.
void setField(OperatorSettings& entry, const PlanField& field, const PlanValue& value)
{
    if (field.key.ends_with(".bits") && entry.precision && entry.precision->isInteger()) {
        const int bits = entry.precision->bits;
        if (bits != 0) {
            entry.activation.bits = entry.activation.bits.value_or(bits);
            entry.weight.bits = entry.weight.bits.value_or(bits);
        }
        field.set(entry, value);
        const bool isOneWidth = entry.activation.bits == entry.weight.bits && entry.weight.bits;
        entry.precision->bits = isOneWidth ? *entry.weight.bits : 0;
        return;
    }
    field.set(entry, value);
}

/// Brings the settings of a whole plan or type to rules that they break, judged by what they come to.
void fitEntry(const std::vector<const ProfileRule*>& rules, OperatorSettings& entry,
              const OperatorSettings& effective)
{
    for (const ProfileRule* rule : rules) {
        const PlanField& field = *findPlanField(rule->key);
        if (!rule->allows(field, effective)) {
            setField(entry, field, rule->replacement());
        }
    }
}

} // namespace

bool ProfileRule::allows(const PlanField& field, const OperatorSettings& settings) const
{
    const auto isFlag = [](const PlanValue& value) { return std::holds_alternative<bool>(value); };
    std::optional<PlanValue> value = field.get(settings);
    if (!value && (std::ranges::any_of(allowed, isFlag) || std::ranges::any_of(denied, isFlag))) {
        value = false; // what nobody asks for is not done
    }
    if (!value) {
        return true; // the plan leaves it to the form at hand
    }
    const std::string whole = textOf(*value);
    const std::string word = whole.substr(0, whole.find(':'));
    return allowed.empty() ? !isAmong(denied, whole, word) : isAmong(allowed, whole, word);
}

std::string ProfileRule::allowedWords() const
{
    return allowed.empty() ? "anything but " + wordsOf(denied) : wordsOf(allowed);
}

std::vector<const ProfileRule*> TargetProfile::rulesOf(const std::string& type) const
{
    const auto own = typeRules.find(type);
    std::vector<const ProfileRule*> result;
    for (const ProfileRule& rule : rules) {
        if (own == typeRules.end()
            || std::ranges::find(own->second, rule.key, &ProfileRule::key) == own->second.end()) {
            result.push_back(&rule);
        }
    }
    if (own != typeRules.end()) {
        for (const ProfileRule& rule : own->second) {
            result.push_back(&rule);
        }
    }
    return result;
}

std::string toString(const ProfileBreach& breach, const TargetProfile& profile)
{
    return fmt::format("{} ({}): {} is {}, {} takes {}: {}", breach.op, breach.type, breach.key, breach.value,
                       profile.name, breach.allowed, breach.why);
}

std::vector<ProfileBreach> breachesOf(const TargetProfile& profile, const OperatorGraph& graph,
                                      const QuantizationPlan& plan)
{
    std::vector<ProfileBreach> breaches;
    for (const Operator& op : graph.operators) {
        const QuantizedKind kind = quantizedFormOf(graph, op).kind;
        const OperatorSettings settings = settingsOf(plan, op);
        if (kind == QuantizedKind::None || *settings.precision == kFp32) {
            continue;
        }
        if (auto breach = precisionBreach(profile, op, *settings.precision)) {
            breaches.push_back(std::move(*breach));
        } else if (settings.precision->isInteger()) {
            eachBrokenRule(profile, op, kind, settings, [&](const ProfileRule& rule, const PlanField& field) {
                const auto value = field.get(settings);
                breaches.push_back({op.name, op.type, rule.key, value ? textOf(*value) : "not set",
                                    rule.allowedWords(), rule.why});
            });
        }
    }
    return breaches;
}

QuantizationPlan fitted(const TargetProfile& profile, const OperatorGraph& graph, QuantizationPlan plan)
{
    if (breachesOf(profile, graph, plan).empty()) {
        return plan;
    }
    std::vector<const ProfileRule*> ofAll;
    for (const ProfileRule& rule : profile.rules) {
        ofAll.push_back(&rule);
    }
    fitEntry(ofAll, plan.defaults, plan.settingsFor("", ""));
    for (auto& [type, entry] : plan.types) {
        fitEntry(profile.rulesOf(type), entry, plan.settingsFor("", type));
    }
    for (const Operator& op : graph.operators) {
        const QuantizedKind kind = quantizedFormOf(graph, op).kind;
        const OperatorSettings settings = settingsOf(plan, op);
        if (kind == QuantizedKind::None || *settings.precision == kFp32) {
            continue;
        }
        if (precisionBreach(profile, op, *settings.precision)) {
            const bool runsOnCodes = op.type == "Input" || profile.integerTypes.contains(op.type);
            entryOf(plan, op).precision = runsOnCodes ? kInt8 : kFp32;
        }
        if (!settingsOf(plan, op).precision->isInteger()) {
            continue;
        }
        eachBrokenRule(profile, op, kind, settingsOf(plan, op),
                       [&](const ProfileRule& rule, const PlanField& field) {
                           setField(entryOf(plan, op), field, rule.replacement());
                       });
    }
    return plan;
}

QuantizationPlan withRuntimeOf(const TargetProfile& profile, QuantizationPlan plan)
{
    if (profile.runtime) {
        plan.defaults.runtime = profile.runtime;
    }
    return plan;
}

} // namespace core
