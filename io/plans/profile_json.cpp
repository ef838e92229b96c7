#include "io/plans/profile_json.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/graph/operator_registry.h"
#include "io/files/file.h"
#include "io/files/json_object.h"
#include "io/files/text_format.h"
#include "io/plans/plan_reader.h"
#include "io/target_profiles.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

std::vector<std::string> listedTexts(const JsonObject& object, std::string_view key)
{
    const ReadJson& list = object.at(key);
    std::vector<std::string> texts;
    if (!list.is_array()) {
        object.fail(fmt::format("{}: a list of texts is expected", key));
    }
    for (const ReadJson& text : list) {
        if (!text.is_string()) {
            object.fail(fmt::format("{}: a list of texts is expected", key));
        }
        texts.push_back(text.get<std::string>());
    }
    return texts;
}

/// A value that the plan's setting can have.
core::PlanValue checkedValue(const JsonObject& rule, const core::PlanField& field, const ReadJson& written)
{
    const std::optional<core::PlanValue> value = plainValueOf(written);
    if (!value) {
        rule.fail("values are words, whole numbers, true or false");
    }
    try {
        core::OperatorSettings settings;
        field.set(settings, *value);
    } catch (const core::Error& error) {
        rule.fail(error.what());
    }
    return *value;
}

std::vector<core::PlanValue> ruleValues(const JsonObject& rule, const core::PlanField& field,
                                        std::string_view key)
{
    std::vector<core::PlanValue> values;
    if (!rule.has(key)) {
        return values;
    }
    if (!rule.at(key).is_array() || rule.at(key).empty()) {
        rule.fail(fmt::format("{}: a list of values is expected", key));
    }
    for (const ReadJson& value : rule.at(key)) {
        values.push_back(checkedValue(rule, field, value));
    }
    return values;
}

core::ProfileRule ruleOf(const ReadJson& value, const std::string& where)
{
    const JsonObject rule(value, where);
    rule.allowKeys({"key", "allowed", "denied", "instead", "why"});
    core::ProfileRule result;
    result.key = rule.text("key");
    const core::PlanField* const field = core::findPlanField(result.key);
    if (!field || field->isOfWholePlan || result.key == "precision") {
        rule.fail(fmt::format("key '{}' is no setting of an operator on codes", result.key));
    }
    result.allowed = ruleValues(rule, *field, "allowed");
    result.denied = ruleValues(rule, *field, "denied");
    if (result.allowed.empty() == result.denied.empty()) {
        rule.fail("either \"allowed\" or \"denied\" is expected");
    }
    if (rule.has("instead")) {
        result.instead = checkedValue(rule, *field, rule.at("instead"));
    }
    if (result.allowed.empty() && !result.instead) {
        rule.fail("\"denied\" needs \"instead\"");
    }
    if (result.instead) {
        core::OperatorSettings settings;
        field->set(settings, *result.instead);
        if (!result.allows(*field, settings)) {
            rule.fail("\"instead\" is not allowed itself");
        }
    }
    result.why = rule.text("why");
    return result;
}

std::vector<core::ProfileRule> rulesOf(const ReadJson& list, const std::string& where)
{
    if (!list.is_array()) {
        throw core::Error(core::ErrorKind::Usage, where + ": a list of rules is expected");
    }
    std::vector<core::ProfileRule> rules;
    for (std::size_t i = 0; i < list.size(); ++i) {
        rules.push_back(ruleOf(list[i], fmt::format("{}[{}]", where, i)));
        const auto same = std::ranges::count(rules, rules.back().key, &core::ProfileRule::key);
        if (same > 1) {
            throw core::Error(core::ErrorKind::Usage,
                              fmt::format("{}[{}]: a second rule of {}", where, i, rules.back().key));
        }
    }
    return rules;
}

/// What a word of a plan stands for; where it stands for nothing, the error names the file.
template <typename Parse>
auto inFile(const JsonObject& object, const Parse& parse)
{
    try {
        return parse();
    } catch (const core::Error& error) {
        object.fail(error.what());
    }
}

void refuseUnknownType(const JsonObject& object, std::string_view key, const std::string& type)
{
    std::vector<std::string> known{"Input"};
    for (const core::OperatorDefinition& definition : core::allOperators()) {
        known.emplace_back(definition.type);
    }
    if (std::ranges::find(known, type) == known.end()) {
        object.fail(
            fmt::format("{}: no operator is of type '{}'{}", key, type, core::nearMisses(type, known)));
    }
}

} // namespace

core::TargetProfile profileFromJson(std::string_view text, const std::string& where)
{
    const ReadJson parsed = parseJson(text, where);
    const JsonObject object(parsed, where);
    object.allowKeys(
        {"format", "name", "title", "sources", "notes", "runtime", "floats", "integer", "rules", "types"});
    if (object.text("format") != "noisefloor-profile/1") {
        object.fail("\"format\" is not noisefloor-profile/1");
    }
    core::TargetProfile profile;
    profile.name = object.text("name");
    profile.title = object.text("title");
    profile.sources = listedTexts(object, "sources");
    if (profile.sources.empty()) {
        object.fail("sources: name where the rules come from");
    }
    if (object.has("notes")) {
        profile.notes = listedTexts(object, "notes");
    }
    if (object.has("runtime")) {
        profile.runtime = inFile(object, [&] { return core::parseRuntime(object.text("runtime")); });
    }
    for (const std::string& precision : listedTexts(object, "floats")) {
        if (inFile(object, [&] { return core::parsePrecision(precision); }).isInteger()) {
            object.fail(fmt::format("floats: '{}' is of integers", precision));
        }
        profile.floats.insert(precision);
    }
    profile.floats.insert("fp32"); // whatever runs elsewhere: the host has it
    for (const std::string& type : listedTexts(object, "integer")) {
        refuseUnknownType(object, "integer", type);
        profile.integerTypes.insert(type);
    }
    profile.rules = rulesOf(object.at("rules"), where + ": rules");
    if (object.has("types")) {
        const ReadJson& types = object.at("types");
        if (!types.is_object()) {
            object.fail("types: an object is expected");
        }
        for (const auto& [type, rules] : types.items()) {
            refuseUnknownType(object, "types", type);
            profile.typeRules[type] = rulesOf(rules, fmt::format("{}: types.{}", where, type));
        }
    }
    return profile;
}

std::vector<std::string> profileNames()
{
    std::vector<std::string> names;
    for (const TargetProfileText& profile : kTargetProfiles) {
        names.emplace_back(profile.name);
    }
    return names;
}

std::string profileText(const std::string& nameOrFile)
{
    const auto* const found = std::ranges::find(kTargetProfiles, nameOrFile, &TargetProfileText::name);
    if (found != std::end(kTargetProfiles)) {
        return std::string(found->json);
    }
    if (nameOrFile.find('/') == std::string::npos && !nameOrFile.ends_with(".json")) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("profile '{}' is unknown{}; profile list names those there are, and a file "
                        "of your own ends in .json",
                        nameOrFile, core::nearMisses(nameOrFile, profileNames())));
    }
    return readFile(nameOrFile);
}

core::TargetProfile profileOf(const std::string& nameOrFile)
{
    return profileFromJson(profileText(nameOrFile), nameOrFile);
}

} // namespace io
