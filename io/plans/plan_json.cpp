#include "io/plans/plan_json.h"

#include "core/base/error.h"
#include "core/plan/plan_fields.h"
#include "core/plan/presets.h"
#include "io/files/file.h"
#include "io/files/text_format.h"
#include "io/plans/plan_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// "weight.method" = "l2" → {"weight": {"method": "l2"}}; values that are JSON stay what they are.
ReadJson nested(std::string_view key, std::string_view value)
{
    ReadJson leaf = ReadJson::parse(value, nullptr, false);
    if (leaf.is_discarded()) {
        leaf = std::string(value);
    }
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) {
        return ReadJson{{std::string(key), leaf}};
    }
    return ReadJson{{std::string(key.substr(0, dot)), ReadJson{{std::string(key.substr(dot + 1)), leaf}}}};
}

} // namespace

core::QuantizationPlan planFromJson(std::string_view json)
{
    try {
        return planOf(parseJson(json, "plan"));
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorKind::FileFormat, fmt::format("plan: {}", error.what()));
    }
}

core::QuantizationPlan readPlan(const std::filesystem::path& path)
{
    constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    try {
        return planFromJson(readFile(path, kMostBytes));
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", path.filename().string(), error.what()));
    }
}

bool isPlanFile(const std::filesystem::path& path)
{
    constexpr std::size_t kMostBytes = std::size_t{1} << 24;
    try {
        const auto json = nlohmann::json::parse(readFile(path, kMostBytes), nullptr, false);
        return json.is_object() && json.value("format", std::string()).starts_with("noisefloor-plan/");
    } catch (const std::exception&) { // unreadable, or a format that is no text
        return false;
    }
}

core::QuantizationPlan withSetting(const core::QuantizationPlan& plan, std::string_view assignment)
{
    const std::size_t separator = assignment.rfind("::"); // names and expressions may hold both signs
    const std::size_t equals = assignment.find('=', separator == std::string_view::npos ? 0 : separator);
    if (equals == std::string_view::npos) {
        throw Error(ErrorKind::Usage,
                    fmt::format("--set '{}': KEY=VALUE or OPERATOR::KEY=VALUE is expected", assignment));
    }
    std::string_view key = assignment.substr(0, equals);
    const std::string_view value = assignment.substr(equals + 1);
    core::QuantizationPlan next = plan;
    const std::size_t colons = key.rfind("::");
    if (colons == std::string_view::npos) {
        if (key == "outputs") {
            next.quantizeOutputs = planOf(ReadJson{{"outputs", std::string(value)}}).quantizeOutputs;
            return next;
        }
        if (key == "fusion") {
            next.fuse = planOf(ReadJson{{"fusion", std::string(value)}}).fuse;
            return next;
        }
        if (key == "preset") {
            next.defaults = core::layered(next.defaults, core::settingsOf(core::presetNamed(value)));
            return next;
        }
        if (const core::PlanField* const field = core::findPlanField(key); field && field->isOfWholePlan) {
            field->set(next.defaults, std::string(value));
            return next;
        }
        next.defaults = core::layered(next.defaults, settingsOf(nested(key, value), "defaults"));
        return next;
    }
    const std::string name(key.substr(0, colons));
    key.remove_prefix(colons + 2);
    ReadJson json = nested(key, value);
    if (key == "activation.range") { // a range alone means manual
        json["activation"]["method"] = "manual";
    }
    next.operators[name] = core::layered(next.operators[name], settingsOf(json, name));
    return next;
}

} // namespace io
