#include "io/plans/plan_json.h"

#include "io/files/base64.h"
#include "io/files/text_format.h"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

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
        json["zero_dead_channels"] =
            kind == Kind::Calibrated ? Json("calibrated") : Json(kind == Kind::Provable);
    }
    if (weight.equalize) {
        json["equalize"] = weight.equalize->scale.empty() ? Json(weight.equalize->automatic)
                                                          : numbersToJson(weight.equalize->scale);
    }
    if (weight.biasCorrection) {
        using Kind = core::BiasCorrection::Kind;
        const core::BiasCorrection& wish = *weight.biasCorrection;
        json["bias_correction"] = wish.kind == Kind::Given
            ? numbersToJson(wish.error)
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

} // namespace io
