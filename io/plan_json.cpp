#include "io/plan_json.h"

#include "core/error.h"
#include "core/near_misses.h"
#include "io/base64.h"
#include "io/exports/support.h"
#include "io/file.h"

#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
    if (!json.is_number_integer() || json.get<std::int64_t>() < core::kFewestBits || json.get<std::int64_t>() > core::kMostBits) {
        refuse(where, fmt::format("{} … {} bits are available", core::kFewestBits, core::kMostBits));
    }
    return json.get<int>();
}

bool flagOf(const Json& json, const std::string& where)
{
    if (!json.is_boolean()) {
        refuse(where, "true or false is expected");
    }
    return json.get<bool>();
}

/// intN sets both widths, so another width beside it is a contradiction.
void refuseContradictingBits(const core::OperatorSettings& s, const std::string& where)
{
    if (!s.precision || !s.precision->isInteger() || s.precision->bits == 0) {
        return;
    }
    for (const auto& [key, bits] : {std::pair {"activation.bits", s.activation.bits}, std::pair {"weight.bits", s.weight.bits}}) {
        if (bits && *bits != s.precision->bits) {
            refuse(where, fmt::format("precision {} contradicts {} {}: leave one out, or say precision int",
                                      core::toString(*s.precision), key, *bits));
        }
    }
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

/// Finite numbers, at least one.
std::vector<float> numbersOf(const Json& json, const std::string& where)
{
    std::vector<float> numbers;
    for (const Json& number : json) {
        if (!number.is_number() || !std::isfinite(number.get<float>())) {
            refuse(where, "finite numbers are expected");
        }
        numbers.push_back(number.get<float>());
    }
    if (numbers.empty()) {
        refuse(where, "at least one number is expected");
    }
    return numbers;
}

core::ZeroDeadChannels zeroDeadChannelsOf(const Json& json, const std::string& where)
{
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json != "calibrated") {
        refuse(where, "true (provably dead), false, or \"calibrated\" (also zero in all calibration samples) is expected");
    }
    return core::ZeroDeadChannels::Kind::Calibrated;
}

core::Equalization equalizationOf(const Json& json, const std::string& where)
{
    if (json.is_array()) {
        return numbersOf(json, where);
    }
    if (!json.is_boolean()) {
        refuse(where, "true, false, or scales of the source channels is expected");
    }
    return json.get<bool>();
}

core::BiasCorrection biasCorrectionOf(const Json& json, const std::string& where)
{
    using Kind = core::BiasCorrection::Kind;
    if (json.is_array()) {
        return {Kind::Given, numbersOf(json, where)};
    }
    if (json != "none" && json != "analytic") {
        refuse(where, "\"none\", \"analytic\", or the mean errors of the result channels is expected");
    }
    return {json == "analytic" ? Kind::Analytic : Kind::None, {}};
}

core::RoundingMask roundingMaskOf(const Json& json, const std::string& where)
{
    const std::string text = textOf(json, where);
    if (text == "none") {
        return {};
    }
    auto bits = fromBase64(text);
    if (!bits || bits->empty()) {
        refuse(where, "\"none\", or bits in base64 is expected");
    }
    return {std::make_shared<const std::vector<std::uint8_t>>(std::move(*bits))};
}

core::OperatorSettings settingsOf(const Json& json, const std::string& where)
{
    core::OperatorSettings s;
    const Readers activation {
        {"scheme", [&](const Json& j, const std::string& w) { s.activation.scheme = parsed(j, w, core::parseScheme); }},
        {"bits", [&](const Json& j, const std::string& w) { s.activation.bits = bitsOf(j, w); }},
        {"method", [&](const Json& j, const std::string& w) { s.activation.method = parsed(j, w, core::parseCalibrationMethod); }},
        {"range", [&](const Json& j, const std::string& w) { s.activation.range = rangeOf(j, w); }},
        {"convention", [&](const Json& j, const std::string& w) { s.activation.convention = parsed(j, w, core::parseConvention); }},
        {"reduce_range", [&](const Json& j, const std::string& w) { s.activation.reduceRange = flagOf(j, w); }},
        {"power_of_two", [&](const Json& j, const std::string& w) { s.activation.powerOfTwo = flagOf(j, w); }},
        {"sign", [&](const Json& j, const std::string& w) { s.activation.sign = parsed(j, w, core::parseSignedness); }},
        {"followed_by", [&](const Json& j, const std::string& w) { s.activation.followedBy = flagOf(j, w); }},
    };
    const Readers weight {
        {"scheme", [&](const Json& j, const std::string& w) { s.weight.scheme = parsed(j, w, core::parseScheme); }},
        {"granularity", [&](const Json& j, const std::string& w) { s.weight.granularity = parsed(j, w, core::parseGranularity); }},
        {"bits", [&](const Json& j, const std::string& w) { s.weight.bits = bitsOf(j, w); }},
        {"method", [&](const Json& j, const std::string& w) { s.weight.method = parsed(j, w, core::parseCalibrationMethod); }},
        {"convention", [&](const Json& j, const std::string& w) { s.weight.convention = parsed(j, w, core::parseConvention); }},
        {"range", [&](const Json& j, const std::string& w) { s.weight.range = parsed(j, w, core::parseWeightRange); }},
        {"reduce_range", [&](const Json& j, const std::string& w) { s.weight.reduceRange = flagOf(j, w); }},
        {"power_of_two", [&](const Json& j, const std::string& w) { s.weight.powerOfTwo = flagOf(j, w); }},
        {"zero_dead_channels", [&](const Json& j, const std::string& w) { s.weight.zeroDeadChannels = zeroDeadChannelsOf(j, w); }},
        {"equalize", [&](const Json& j, const std::string& w) { s.weight.equalize = equalizationOf(j, w); }},
        {"bias_correction", [&](const Json& j, const std::string& w) { s.weight.biasCorrection = biasCorrectionOf(j, w); }},
        {"rounding_mask", [&](const Json& j, const std::string& w) { s.weight.roundingMask = roundingMaskOf(j, w); }},
    };
    readObject(json, where,
               {{"precision", [&](const Json& j, const std::string& w) { s.precision = parsed(j, w, core::parsePrecision); }},
                {"activation", [&](const Json& j, const std::string& w) { readObject(j, w, activation); }},
                {"weight", [&](const Json& j, const std::string& w) { readObject(j, w, weight); }},
                {"accumulator", [&](const Json& j, const std::string& w) { s.accumulator = parsed(j, w, core::parseAccumulator); }},
                {"rounding", [&](const Json& j, const std::string& w) { s.rounding = parsed(j, w, core::parseRounding); }},
                {"requantization",
                 [&](const Json& j, const std::string& w) { s.requantization = parsed(j, w, core::parseRequantization); }},
                {"target", [&](const Json& j, const std::string& w) { s.target = parsed(j, w, core::parseTarget); }},
                {"share_range", [&](const Json& j, const std::string& w) { s.shareRange = flagOf(j, w); }},
                {"backend", [&](const Json& j, const std::string& w) { s.backend = parsed(j, w, core::parseBackend); }},
                {"fuse_residual", [&](const Json& j, const std::string& w) { s.fuseResidual = flagOf(j, w); }}});
    refuseContradictingBits(s, where);
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

template <typename T>
void putText(Json& json, const char* key, const std::optional<T>& value)
{
    if (value) {
        json[key] = core::toString(*value);
    }
}

void putFlag(Json& json, const char* key, const std::optional<bool>& value)
{
    if (value) {
        json[key] = *value;
    }
}

Json numbersToJson(const std::vector<float>& numbers)
{
    Json json = Json::array();
    for (const float number : numbers) {
        json.push_back(jsonNumber(number));
    }
    return json;
}

void putRepairs(Json& json, const core::WeightSettings& weight)
{
    if (weight.zeroDeadChannels) {
        using Kind = core::ZeroDeadChannels::Kind;
        const Kind kind = weight.zeroDeadChannels->kind;
        json["zero_dead_channels"] = kind == Kind::Calibrated ? Json("calibrated") : Json(kind == Kind::Provable);
    }
    if (weight.equalize) {
        json["equalize"] = weight.equalize->scale.empty() ? Json(weight.equalize->automatic) : numbersToJson(weight.equalize->scale);
    }
    if (weight.biasCorrection) {
        using Kind = core::BiasCorrection::Kind;
        const core::BiasCorrection& wish = *weight.biasCorrection;
        json["bias_correction"] = wish.kind == Kind::Given ? numbersToJson(wish.error)
                                                           : Json(wish.kind == Kind::Analytic ? "analytic" : "none");
    }
    if (weight.roundingMask) {
        json["rounding_mask"] = weight.roundingMask->isSet() ? toBase64(*weight.roundingMask->bits) : "none";
    }
}

Json settingsToJson(const core::OperatorSettings& s)
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
    putText(activation, "convention", s.activation.convention);
    putFlag(activation, "reduce_range", s.activation.reduceRange);
    putFlag(activation, "power_of_two", s.activation.powerOfTwo);
    putText(activation, "sign", s.activation.sign);
    putFlag(activation, "followed_by", s.activation.followedBy);
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
    putText(weight, "convention", s.weight.convention);
    putText(weight, "range", s.weight.range);
    putFlag(weight, "reduce_range", s.weight.reduceRange);
    putFlag(weight, "power_of_two", s.weight.powerOfTwo);
    putRepairs(weight, s.weight);
    if (!activation.empty()) {
        json["activation"] = activation;
    }
    if (!weight.empty()) {
        json["weight"] = weight;
    }
    putText(json, "accumulator", s.accumulator);
    putText(json, "rounding", s.rounding);
    putText(json, "requantization", s.requantization);
    putText(json, "target", s.target);
    if (s.backend) {
        json["backend"] = core::toString(*s.backend);
    }
    if (s.fuseResidual) {
        json["fuse_residual"] = *s.fuseResidual;
    }
    putFlag(json, "share_range", s.shareRange);
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
    json["defaults"] = settingsToJson(plan.defaults);
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

bool isPlanFile(const std::filesystem::path& path)
{
    constexpr std::size_t kMostBytes = std::size_t {1} << 24;
    try {
        const auto json = nlohmann::json::parse(readFile(path, kMostBytes), nullptr, false);
        return json.is_object() && json.value("format", std::string()).starts_with("noisefloor-plan/");
    } catch (const std::exception&) { // unreadable, or a format that is no text
        return false;
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
