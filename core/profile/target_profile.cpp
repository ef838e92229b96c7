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

bool runsOnCodes(const Operator& op, QuantizedKind kind, const QuantizationPlan& plan)
{
    return kind != QuantizedKind::None && settingsOf(plan, op).precision->isInteger();
}

/// Whether an operator on codes reads what this one writes: it is quantized as this one's settings say.
bool isReadOnCodes(const OperatorGraph& graph, const Operator& op, const QuantizationPlan& plan)
{
    return std::ranges::any_of(op.outputs, [&](ValueId output) {
        return output != kNoValue
            && std::ranges::any_of(graph.consumersOf[indexOf(output)], [&](OperatorId id) {
                   const Operator& reader = graph.at(id);
                   return runsOnCodes(reader, quantizedFormOf(graph, reader).kind, plan);
               });
    });
}

/// Whether the operator has numbers that the setting is about.
bool concerns(const PlanField& field, QuantizedKind kind, bool isInteger)
{
    if (field.key.starts_with("activation.")) {
        return kind != QuantizedKind::Inherits;
    }
    return isInteger && (!field.key.starts_with("weight.") || kind == QuantizedKind::Linear);
}

/// Why the precision is none of the target's; nothing where it is one.
std::optional<ProfileBreach> precisionBreach(const TargetProfile& profile, const Operator& op,
                                             Precision precision)
{
    const bool hasIntegers = profile.hasIntegers(op.type);
    if (precision.isInteger() ? hasIntegers : profile.floats.contains(toString(precision))) {
        return std::nullopt;
    }
    return ProfileBreach{
        op.name,
        op.type,
        "precision",
        toString(precision),
        fmt::format("{}{}", hasIntegers ? "integers or " : "", fmt::join(profile.floats, " or ")),
        hasIntegers ? "no arithmetic of that kind" : "no integer form of this type"};
}

/// The rules that an operator's settings break, its precision aside.
std::vector<const ProfileRule*> brokenRules(const TargetProfile& profile, const OperatorGraph& graph,
                                            const Operator& op, const QuantizationPlan& plan)
{
    const QuantizedKind kind = quantizedFormOf(graph, op).kind;
    const bool isInteger = runsOnCodes(op, kind, plan);
    std::vector<const ProfileRule*> broken;
    if (!isInteger && !isReadOnCodes(graph, op, plan)) {
        return broken;
    }
    const OperatorSettings settings = settingsOf(plan, op);
    for (const ProfileRule* rule : profile.rulesOf(op.type)) {
        const PlanField& field = *findPlanField(rule->key);
        if (concerns(field, kind, isInteger) && !rule->allows(field, settings)) {
            broken.push_back(rule);
        }
    }
    return broken;
}

/// Of an operator that has an integer form and is not to run in FP32.
std::optional<ProfileBreach> brokenPrecision(const TargetProfile& profile, const OperatorGraph& graph,
                                             const Operator& op, const QuantizationPlan& plan)
{
    const Precision precision = *settingsOf(plan, op).precision;
    return precision == kFp32 || quantizedFormOf(graph, op).kind == QuantizedKind::None
        ? std::nullopt
        : precisionBreach(profile, op, precision);
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

bool TargetProfile::hasIntegers(const std::string& type) const
{
    return type == "Input" || integerTypes.contains(type);
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
    return fmt::format("{}: {} is {}, {} takes {}: {}",
                       breach.op.empty() ? "the plan" : fmt::format("{} ({})", breach.op, breach.type),
                       breach.key, breach.value, profile.name, breach.allowed, breach.why);
}

std::vector<ProfileBreach> breachesOf(const TargetProfile& profile, const OperatorGraph& graph,
                                      const QuantizationPlan& plan)
{
    std::vector<ProfileBreach> breaches;
    if (profile.runtime && plan.runtime() != *profile.runtime) {
        breaches.push_back({"", "", "runtime", toString(plan.runtime()), toString(*profile.runtime),
                            "what is fused follows from it"});
    }
    for (const Operator& op : graph.operators) {
        if (auto breach = brokenPrecision(profile, graph, op, plan)) {
            breaches.push_back(std::move(*breach));
            continue;
        }
        const OperatorSettings settings = settingsOf(plan, op);
        for (const ProfileRule* rule : brokenRules(profile, graph, op, plan)) {
            const auto value = findPlanField(rule->key)->get(settings);
            breaches.push_back({op.name, op.type, rule->key, value ? textOf(*value) : "not set",
                                rule->allowedWords(), rule->why});
        }
    }
    return breaches;
}

QuantizationPlan fitted(const TargetProfile& profile, const OperatorGraph& graph, QuantizationPlan plan)
{
    if (breachesOf(profile, graph, plan).empty()) {
        return plan;
    }
    plan = withRuntimeOf(profile, std::move(plan));
    std::vector<const ProfileRule*> ofAll; // where a type has another rule, defaults may be legal for it
    for (const ProfileRule& rule : profile.rules) {
        if (std::ranges::none_of(profile.typeRules, [&](const auto& entry) {
                return std::ranges::find(entry.second, rule.key, &ProfileRule::key) != entry.second.end();
            })) {
            ofAll.push_back(&rule);
        }
    }
    fitEntry(ofAll, plan.defaults, plan.settingsFor("", ""));
    for (auto& [type, entry] : plan.types) {
        fitEntry(profile.rulesOf(type), entry, plan.settingsFor("", type));
    }
    for (const Operator& op : graph.operators) {
        if (brokenPrecision(profile, graph, op, plan)) {
            entryOf(plan, op).precision = profile.hasIntegers(op.type) ? kInt8 : kFp32;
        }
    }
    for (const Operator& op : graph.operators) { // whom a float operator's readers are is settled now
        for (const ProfileRule* rule : brokenRules(profile, graph, op, plan)) {
            setField(entryOf(plan, op), *findPlanField(rule->key), rule->replacement());
        }
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
