#include "io/plans/plan_reader.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/files/base64.h"

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
    if (!json.is_number_integer() || json.get<std::int64_t>() < core::kFewestBits
        || json.get<std::int64_t>() > core::kMostBits) {
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
    for (const auto& [key, bits] :
         {std::pair{"activation.bits", s.activation.bits}, std::pair{"weight.bits", s.weight.bits}}) {
        if (bits && *bits != s.precision->bits) {
            refuse(where,
                   fmt::format("precision {} contradicts {} {}: leave one out, or say precision int",
                               core::toString(*s.precision), key, *bits));
        }
    }
}

core::Range rangeOf(const Json& json, const std::string& where)
{
    if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) {
        refuse(where, "[min, max] is expected");
    }
    const core::Range range{json[0].get<double>(), json[1].get<double>()};
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
        refuse(where,
               "true (provably dead), false, or \"calibrated\" (also zero in all calibration samples) is "
               "expected");
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

} // namespace

core::OperatorSettings settingsOf(const Json& json, const std::string& where)
{
    core::OperatorSettings s;
    const Readers activation{
        {"scheme",
         [&](const Json& j, const std::string& w) { s.activation.scheme = parsed(j, w, core::parseScheme); }},
        {"bits", [&](const Json& j, const std::string& w) { s.activation.bits = bitsOf(j, w); }},
        {"method",
         [&](const Json& j, const std::string& w) {
             s.activation.method = parsed(j, w, core::parseCalibrationMethod);
         }},
        {"range", [&](const Json& j, const std::string& w) { s.activation.range = rangeOf(j, w); }},
        {"convention",
         [&](const Json& j, const std::string& w) {
             s.activation.convention = parsed(j, w, core::parseConvention);
         }},
        {"reduce_range",
         [&](const Json& j, const std::string& w) { s.activation.reduceRange = flagOf(j, w); }},
        {"power_of_two",
         [&](const Json& j, const std::string& w) { s.activation.powerOfTwo = flagOf(j, w); }},
        {"sign",
         [&](const Json& j, const std::string& w) {
             s.activation.sign = parsed(j, w, core::parseSignedness);
         }},
        {"followed_by", [&](const Json& j, const std::string& w) { s.activation.followedBy = flagOf(j, w); }},
    };
    const Readers weight{
        {"scheme",
         [&](const Json& j, const std::string& w) { s.weight.scheme = parsed(j, w, core::parseScheme); }},
        {"granularity",
         [&](const Json& j, const std::string& w) {
             s.weight.granularity = parsed(j, w, core::parseGranularity);
         }},
        {"bits", [&](const Json& j, const std::string& w) { s.weight.bits = bitsOf(j, w); }},
        {"method",
         [&](const Json& j, const std::string& w) {
             s.weight.method = parsed(j, w, core::parseCalibrationMethod);
         }},
        {"convention",
         [&](const Json& j, const std::string& w) {
             s.weight.convention = parsed(j, w, core::parseConvention);
         }},
        {"range",
         [&](const Json& j, const std::string& w) { s.weight.range = parsed(j, w, core::parseWeightRange); }},
        {"reduce_range", [&](const Json& j, const std::string& w) { s.weight.reduceRange = flagOf(j, w); }},
        {"power_of_two", [&](const Json& j, const std::string& w) { s.weight.powerOfTwo = flagOf(j, w); }},
        {"zero_dead_channels",
         [&](const Json& j, const std::string& w) { s.weight.zeroDeadChannels = zeroDeadChannelsOf(j, w); }},
        {"equalize", [&](const Json& j, const std::string& w) { s.weight.equalize = equalizationOf(j, w); }},
        {"bias_correction",
         [&](const Json& j, const std::string& w) { s.weight.biasCorrection = biasCorrectionOf(j, w); }},
        {"rounding_mask",
         [&](const Json& j, const std::string& w) { s.weight.roundingMask = roundingMaskOf(j, w); }},
    };
    readObject(
        json, where,
        {{"precision",
          [&](const Json& j, const std::string& w) { s.precision = parsed(j, w, core::parsePrecision); }},
         {"activation", [&](const Json& j, const std::string& w) { readObject(j, w, activation); }},
         {"weight", [&](const Json& j, const std::string& w) { readObject(j, w, weight); }},
         {"accumulator",
          [&](const Json& j, const std::string& w) { s.accumulator = parsed(j, w, core::parseAccumulator); }},
         {"rounding",
          [&](const Json& j, const std::string& w) { s.rounding = parsed(j, w, core::parseRounding); }},
         {"requantization",
          [&](const Json& j, const std::string& w) {
              s.requantization = parsed(j, w, core::parseRequantization);
          }},
         {"target", [&](const Json& j, const std::string& w) { s.target = parsed(j, w, core::parseTarget); }},
         {"share_range", [&](const Json& j, const std::string& w) { s.shareRange = flagOf(j, w); }},
         {"backend",
          [&](const Json& j, const std::string& w) { s.backend = parsed(j, w, core::parseBackend); }},
         {"fuse_residual", [&](const Json& j, const std::string& w) { s.fuseResidual = flagOf(j, w); }}});
    refuseContradictingBits(s, where);
    if (s.activation.method && s.activation.method->name == "manual" && !s.activation.range) {
        refuse(where, "method manual needs \"range\": [min, max]");
    }
    if (s.activation.range && !s.activation.method) {
        s.activation.method = core::CalibrationMethod{"manual", std::nullopt};
    }
    return s;
}

namespace {

std::map<std::string, core::OperatorSettings> mapOf(const Json& json, const std::string& where)
{
    if (!json.is_object()) {
        refuse(where, "an object is expected");
    }
    std::map<std::string, core::OperatorSettings> result;
    for (const auto& [name, value] : json.items()) {
        // Also one that says nothing: its name is held against the network's.
        result.emplace(name, settingsOf(value, joined(where, name)));
    }
    return result;
}

} // namespace

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
                {"defaults",
                 [&](const Json& j, const std::string& w) {
                     plan.defaults = core::layered(plan.defaults, settingsOf(j, w));
                 }},
                {"types",
                 [&](const Json& j, const std::string& w) {
                     for (auto& [type, settings] : mapOf(j, w)) {
                         plan.types[type] = settings;
                     }
                 }},
                {"operators", [&](const Json& j, const std::string& w) { plan.operators = mapOf(j, w); }},
                {"inputs", [&](const Json& j, const std::string& w) { plan.inputs = mapOf(j, w); }},
                {"outputs",
                 [&](const Json& j, const std::string& w) {
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

} // namespace io
