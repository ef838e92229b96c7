#include "io/plans/plan_json.h"

#include "core/plan/plan_fields.h"
#include "io/files/text_format.h"

#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json jsonOf(const core::PlanValue& value)
{
    struct Writer
    {
        Json operator()(const std::string& text) const { return text; }
        Json operator()(bool flag) const { return flag; }
        Json operator()(std::int64_t number) const { return number; }
        Json operator()(const std::vector<double>& list) const { return list; }
        Json operator()(const std::vector<float>& list) const
        {
            Json json = Json::array();
            for (const float number : list) {
                json.push_back(jsonNumber(number));
            }
            return json;
        }
    };
    return std::visit(Writer{}, value);
}

Json settingsToJson(const core::OperatorSettings& settings)
{
    Json json = Json::object();
    for (const core::PlanField& field : core::planFields()) {
        const auto value = field.get(settings);
        if (!value || field.isOfWholePlan) {
            continue;
        }
        const std::size_t dot = field.key.find('.');
        Json& into = dot == std::string_view::npos ? json : json[std::string(field.key.substr(0, dot))];
        into[std::string(field.key.substr(dot == std::string_view::npos ? 0 : dot + 1))] = jsonOf(*value);
    }
    return json;
}

Json mapToJson(const std::map<std::string, core::OperatorSettings>& map)
{
    Json json = Json::object();
    for (const auto& [name, settings] : map) {
        json[name] = settingsToJson(settings);
    }
    return json;
}

} // namespace

std::string planToJson(const core::QuantizationPlan& plan)
{
    Json json;
    json["format"] = "noisefloor-plan/1";
    json["defaults"] = settingsToJson(plan.defaults);
    auto types = plan.types;
    for (const auto& [type, rule] : core::QuantizationPlan::makeDefault().types) {
        types.try_emplace(type); // says nothing: the rule is not in force
    }
    json["types"] = mapToJson(types);
    json["operators"] = mapToJson(plan.operators);
    json["inputs"] = mapToJson(plan.inputs);
    json["outputs"] = plan.quantizeOutputs ? "quantized" : "float";
    json["runtime"] = core::toString(plan.runtime());
    for (const core::PlanField& field : core::planFields()) {
        if (const auto value = field.isOfWholePlan ? field.get(plan.defaults) : std::nullopt) {
            json[std::string(field.key)] = jsonOf(*value);
        }
    }
    if (!plan.fuse) {
        json["fusion"] = "off";
    }
    return json.dump(1);
}

} // namespace io
