#include "io/plan_json.h"

#include "core/error.h"
#include "core/near_misses.h"
#include "io/file.h"

#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;
using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& where, const std::string& what)
{
    throw Error(ErrorKind::Usage, fmt::format("plan: {}: {}", where.empty() ? "top level" : where, what));
}

std::string joined(const std::string& where, const std::string& key)
{
    return where.empty() ? key : where + "." + key;
}

/// Calls the reader of each key; an unknown key is an error with near misses.
using Readers = std::map<std::string, std::function<void(const Json&, const std::string&)>>;

void readObject(const Json& json, const std::string& where, const Readers& readers)
{
    if (!json.is_object()) {
        refuse(where, "an object is expected");
    }
    for (const auto& [key, value] : json.items()) {
        const auto reader = readers.find(key);
        if (reader == readers.end()) {
            std::vector<std::string> known;
            for (const auto& [name, unused] : readers) {
                known.push_back(name);
            }
            refuse(joined(where, key), "unknown key" + core::nearMisses(key, known));
        }
        reader->second(value, joined(where, key));
    }
}

std::string textOf(const Json& json, const std::string& where)
{
    if (!json.is_string()) {
        refuse(where, "a string is expected");
    }
    return json.get<std::string>();
}

template <typename Parse>
auto parsed(const Json& json, const std::string& where, Parse parse)
{
    try {
        return parse(textOf(json, where));
    } catch (const Error& error) {
        const std::string message = error.what();
        if (message.starts_with("plan: ")) {
            throw;
        }
        refuse(where, message);
    }
}

int bitsOf(const Json& json, const std::string& where)
{
    if (!json.is_number_integer() || json.get<std::int64_t>() != 8) {
        refuse(where, "only 8 bits are available");
    }
    return 8;
}

core::Range rangeOf(const Json& json, const std::string& where)
{
    if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) {
        refuse(where, "[min, max] is expected");
    }
    const core::Range range {json[0].get<double>(), json[1].get<double>()};
    if (!(range.min <= range.max) || range.min < -3e38 || range.max > 3e38) {
        refuse(where, fmt::format("{} … {} is no range of finite floats", range.min, range.max));
    }
    return range;
}

core::OperatorSettings settingsOf(const Json& json, const std::string& where)
{
    core::OperatorSettings s;
    const Readers activation {
        {"scheme", [&](const Json& j, const std::string& w) { s.activation.scheme = parsed(j, w, core::parseScheme); }},
        {"bits", [&](const Json& j, const std::string& w) { s.activation.bits = bitsOf(j, w); }},
        {"method", [&](const Json& j, const std::string& w) { s.activation.method = parsed(j, w, core::parseCalibrationMethod); }},
        {"range", [&](const Json& j, const std::string& w) { s.activation.range = rangeOf(j, w); }},
    };
    const Readers weight {
        {"scheme",
         [&](const Json& j, const std::string& w) {
             s.weight.scheme = parsed(j, w, core::parseScheme);
             if (*s.weight.scheme == core::Scheme::Asymmetric) {
                 refuse(w, "asymmetric weights are not available: the int8 kernels take symmetric weights");
             }
         }},
        {"granularity", [&](const Json& j, const std::string& w) { s.weight.granularity = parsed(j, w, core::parseGranularity); }},
        {"bits", [&](const Json& j, const std::string& w) { s.weight.bits = bitsOf(j, w); }},
        {"method", [&](const Json& j, const std::string& w) { s.weight.method = parsed(j, w, core::parseCalibrationMethod); }},
    };
    readObject(json, where,
               {{"precision", [&](const Json& j, const std::string& w) { s.precision = parsed(j, w, core::parsePrecision); }},
                {"activation", [&](const Json& j, const std::string& w) { readObject(j, w, activation); }},
                {"weight", [&](const Json& j, const std::string& w) { readObject(j, w, weight); }},
                {"accumulator",
                 [&](const Json& j, const std::string& w) {
                     if (textOf(j, w) != "s32") {
                         refuse(w, "only s32 is available");
                     }
                 }},
                {"rounding",
                 [&](const Json& j, const std::string& w) {
                     if (textOf(j, w) != "half-even") {
                         refuse(w, "only half-even is available");
                     }
                 }},
                {"backend", [&](const Json& j, const std::string& w) { s.backend = parsed(j, w, core::parseBackend); }},
                {"fuse_residual", [&](const Json& j, const std::string& w) {
                     if (!j.is_boolean()) {
                         refuse(w, "true or false is expected");
                     }
                     s.fuseResidual = j.get<bool>();
                 }}});
    if (s.activation.method && s.activation.method->name == "manual" && !s.activation.range) {
        refuse(where, "method manual needs \"range\": [min, max]");
    }
    if (s.activation.range && !s.activation.method) {
        s.activation.method = core::CalibrationMethod {"manual", std::nullopt};
    }
    return s;
}

std::map<std::string, core::OperatorSettings> mapOf(const Json& json, const std::string& where)
{
    if (!json.is_object()) {
        refuse(where, "an object is expected");
    }
    std::map<std::string, core::OperatorSettings> result;
    for (const auto& [name, value] : json.items()) {
        if (auto settings = settingsOf(value, joined(where, name)); !settings.isEmpty()) {
            result.emplace(name, std::move(settings));
        }
    }
    return result;
}

core::QuantizationPlan planOf(const Json& json)
{
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
    readObject(json, "",
               {{"format",
                 [](const Json& j, const std::string& w) {
                     if (textOf(j, w) != "noisefloor-plan/1") {
                         refuse(w, fmt::format("'{}' is not noisefloor-plan/1", j.get<std::string>()));
                     }
                 }},
                {"defaults", [&](const Json& j, const std::string& w) { plan.defaults = core::layered(plan.defaults, settingsOf(j, w)); }},
                {"types",
                 [&](const Json& j, const std::string& w) {
                     for (auto& [type, settings] : mapOf(j, w)) {
                         plan.types[type] = settings;
                     }
                 }},
                {"operators", [&](const Json& j, const std::string& w) { plan.operators = mapOf(j, w); }},
                {"inputs", [&](const Json& j, const std::string& w) { plan.inputs = mapOf(j, w); }},
                {"outputs", [&](const Json& j, const std::string& w) {
                     const std::string text = textOf(j, w);
                     if (text != "quantized" && text != "float") {
                         refuse(w, fmt::format("'{}' is unknown; accepted: quantized, float", text));
                     }
                     plan.quantizeOutputs = text == "quantized";
                 }},
                {"fusion", [&](const Json& j, const std::string& w) {
                     const std::string text = textOf(j, w);
                     if (text != "on" && text != "off") {
                         refuse(w, fmt::format("'{}' is unknown; accepted: on, off", text));
                     }
                     plan.fuse = text == "on";
                 }}});
    return plan;
}

Json settingsToJson(const core::OperatorSettings& s, bool isDefaults)
{
    Json json = Json::object();
    if (s.precision) {
        json["precision"] = core::toString(*s.precision);
    }
    Json activation = Json::object();
    if (s.activation.scheme) {
        activation["scheme"] = core::toString(*s.activation.scheme);
    }
    if (s.activation.bits) {
        activation["bits"] = *s.activation.bits;
    }
    if (s.activation.method) {
        activation["method"] = core::toString(*s.activation.method);
    }
    if (s.activation.range) {
        activation["range"] = {s.activation.range->min, s.activation.range->max};
    }
    Json weight = Json::object();
    if (s.weight.scheme) {
        weight["scheme"] = core::toString(*s.weight.scheme);
    }
    if (s.weight.granularity) {
        weight["granularity"] = core::toString(*s.weight.granularity);
    }
    if (s.weight.bits) {
        weight["bits"] = *s.weight.bits;
    }
    if (s.weight.method) {
        weight["method"] = core::toString(*s.weight.method);
    }
    if (!activation.empty()) {
        json["activation"] = activation;
    }
    if (!weight.empty()) {
        json["weight"] = weight;
    }
    if (isDefaults) {
        json["accumulator"] = "s32";
        json["rounding"] = "half-even";
    }
    if (s.backend) {
        json["backend"] = core::toString(*s.backend);
    }
    if (s.fuseResidual) {
        json["fuse_residual"] = *s.fuseResidual;
    }
    return json;
}

Json mapToJson(const std::map<std::string, core::OperatorSettings>& map)
{
    Json json = Json::object();
    for (const auto& [name, settings] : map) {
        json[name] = settingsToJson(settings, false);
    }
    return json;
}

/// "weight.method" = "l2" → {"weight": {"method": "l2"}}; values that are JSON stay what they are.
Json nested(std::string_view key, std::string_view value)
{
    Json leaf = Json::parse(value, nullptr, false);
    if (leaf.is_discarded()) {
        leaf = std::string(value);
    }
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) {
        return Json {{std::string(key), leaf}};
    }
    return Json {{std::string(key.substr(0, dot)), Json {{std::string(key.substr(dot + 1)), leaf}}}};
}

} // namespace

std::string planToJson(const core::QuantizationPlan& plan)
{
    Json json;
    json["format"] = "noisefloor-plan/1";
    json["defaults"] = settingsToJson(plan.defaults, true);
    json["types"] = mapToJson(plan.types);
    json["operators"] = mapToJson(plan.operators);
    json["inputs"] = mapToJson(plan.inputs);
    json["outputs"] = plan.quantizeOutputs ? "quantized" : "float";
    if (!plan.fuse) {
        json["fusion"] = "off";
    }
    return json.dump(1);
}

core::QuantizationPlan planFromJson(std::string_view json)
{
    try {
        return planOf(Json::parse(json));
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorKind::FileFormat, fmt::format("plan: {}", error.what()));
    }
}

core::QuantizationPlan readPlan(const std::filesystem::path& path)
{
    constexpr std::size_t kMostBytes = std::size_t {64} << 20;
    try {
        return planFromJson(readFile(path, kMostBytes));
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", path.filename().string(), error.what()));
    }
}

core::QuantizationPlan withSetting(const core::QuantizationPlan& plan, std::string_view assignment)
{
    const std::size_t equals = assignment.find('=', assignment.find("::") == std::string_view::npos ? 0 : assignment.find("::"));
    if (equals == std::string_view::npos) {
        throw Error(ErrorKind::Usage, fmt::format("--set '{}': KEY=VALUE or OPERATOR::KEY=VALUE is expected", assignment));
    }
    std::string_view key = assignment.substr(0, equals);
    const std::string_view value = assignment.substr(equals + 1);
    core::QuantizationPlan next = plan;
    const std::size_t colons = key.rfind("::");
    if (colons == std::string_view::npos) {
        if (key == "outputs") {
            next.quantizeOutputs = planOf(Json {{"outputs", std::string(value)}}).quantizeOutputs;
            return next;
        }
        if (key == "fusion") {
            next.fuse = planOf(Json {{"fusion", std::string(value)}}).fuse;
            return next;
        }
        next.defaults = core::layered(next.defaults, settingsOf(nested(key, value), "defaults"));
        return next;
    }
    const std::string name(key.substr(0, colons));
    key.remove_prefix(colons + 2);
    Json json = nested(key, value);
    if (key == "activation.range") { // a range alone means manual
        json["activation"]["method"] = "manual";
    }
    next.operators[name] = core::layered(next.operators[name], settingsOf(json, name));
    return next;
}

} // namespace io
