#include "io/plans/plan_reader.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/plan/plan_fields.h"

#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <map>
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

/// What JSON says of a setting; an object or null says nothing that one can be.
core::PlanValue valueOf(const Json& json, const std::string& where)
{
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_number_integer()) {
        return json.get<std::int64_t>();
    }
    if (!json.is_array()) {
        refuse(where, "a word, a whole number, true, false or a list of numbers is expected");
    }
    std::vector<double> numbers;
    for (const Json& number : json) {
        if (!number.is_number()) {
            refuse(where, "finite numbers are expected");
        }
        numbers.push_back(number.get<double>());
    }
    return numbers;
}

void setField(const core::PlanField& field, core::OperatorSettings& settings, const Json& json,
              const std::string& where)
{
    const core::PlanValue value = valueOf(json, where);
    try {
        field.set(settings, value);
    } catch (const Error& error) {
        refuse(where, error.what());
    }
}

/// The readers of the fields whose keys begin with `prefix`: "" or "weight.".
Readers readersOf(std::string_view prefix, core::OperatorSettings& settings)
{
    Readers readers;
    for (const core::PlanField& field : core::planFields()) {
        const std::string_view key = field.key.starts_with(prefix) ? field.key.substr(prefix.size()) : "";
        if (!key.empty() && !field.isOfWholePlan && key.find('.') == std::string_view::npos) {
            readers.emplace(key, [&](const Json& json, const std::string& where) {
                setField(field, settings, json, where);
            });
        }
    }
    return readers;
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

} // namespace

core::OperatorSettings settingsOf(const Json& json, const std::string& where)
{
    core::OperatorSettings s;
    Readers readers = readersOf("", s);
    for (const std::string part : {"activation", "weight"}) {
        readers[part] = [&, inner = readersOf(part + ".", s)](const Json& j, const std::string& w) {
            readObject(j, w, inner);
        };
    }
    readObject(json, where, readers);
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
                {"runtime",
                 [&](const Json& j, const std::string& w) {
                     setField(*core::findPlanField("runtime"), plan.defaults, j, w);
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
