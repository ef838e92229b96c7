#include "io/plans/plan_reader.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/plan/plan_fields.h"
#include "core/plan/presets.h"
#include "io/files/text_format.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

[[noreturn]] void refuse(const std::string& where, const std::string& what)
{
    throw Error(ErrorKind::Usage, fmt::format("plan: {}: {}", where.empty() ? "top level" : where, what));
}

std::string joined(const std::string& where, const std::string& key)
{
    return where.empty() ? key : where + "." + key;
}

/// Calls the reader of each key; an unknown key is an error with near misses.
using Readers = std::map<std::string, std::function<void(const ReadJson&, const std::string&)>>;

void readObject(const ReadJson& json, const std::string& where, const Readers& readers)
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

std::string textOf(const ReadJson& json, const std::string& where)
{
    if (!json.is_string()) {
        refuse(where, "a string is expected");
    }
    return json.get<std::string>();
}

/// What JSON says of a setting; an object or null says nothing that one can be.
core::PlanValue valueOf(const ReadJson& json, const std::string& where)
{
    if (auto plain = plainValueOf(json)) {
        return std::move(*plain);
    }
    if (!json.is_array()) {
        refuse(where, "a word, a whole number, true, false or a list of numbers is expected");
    }
    std::vector<double> numbers;
    for (const ReadJson& number : json) {
        if (!number.is_number()) {
            refuse(where, "finite numbers are expected");
        }
        numbers.push_back(number.get<double>());
    }
    return numbers;
}

void setField(const core::PlanField& field, core::OperatorSettings& settings, const ReadJson& json,
              const std::string& where)
{
    const core::PlanValue value = valueOf(json, where);
    try {
        field.set(settings, value);
    } catch (const Error& error) {
        refuse(where, error.what());
    }
}

const std::set<std::string, std::less<>> kParts{"activation", "weight"};

/// The fields whose keys begin with `prefix`: "" or "weight.", by what follows.
const std::map<std::string, const core::PlanField*, std::less<>>& fieldsOf(const std::string& prefix)
{
    static const auto all = [] {
        std::map<std::string, std::map<std::string, const core::PlanField*, std::less<>>> fields;
        for (const core::PlanField& field : core::planFields()) {
            const std::size_t dot = field.key.find('.');
            const bool isOfPart = dot != std::string_view::npos;
            const std::string part(isOfPart ? field.key.substr(0, dot + 1) : "");
            if (!field.isOfWholePlan && (!isOfPart || kParts.contains(field.key.substr(0, dot)))) {
                fields[part].emplace(field.key.substr(part.size()), &field);
            }
        }
        return fields;
    }();
    return all.at(prefix);
}

void readSettings(const ReadJson& json, const std::string& where, const std::string& prefix,
                  core::OperatorSettings& settings)
{
    if (!json.is_object()) {
        refuse(where, "an object is expected");
    }
    const auto& fields = fieldsOf(prefix);
    for (const auto& [key, value] : json.items()) {
        if (prefix.empty() && kParts.contains(key)) {
            readSettings(value, joined(where, key), key + ".", settings);
            continue;
        }
        const auto field = fields.find(key);
        if (field == fields.end()) {
            std::vector<std::string> known;
            std::ranges::transform(fields, std::back_inserter(known), [](const auto& f) { return f.first; });
            if (prefix.empty()) {
                known.insert(known.end(), kParts.begin(), kParts.end());
            }
            refuse(joined(where, key), "unknown key" + core::nearMisses(key, known));
        }
        setField(*field->second, settings, value, joined(where, key));
    }
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

core::OperatorSettings settingsOf(const ReadJson& json, const std::string& where)
{
    core::OperatorSettings s;
    readSettings(json, where, "", s);
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

std::map<std::string, core::OperatorSettings> mapOf(const ReadJson& json, const std::string& where)
{
    if (!json.is_object()) {
        refuse(where, "an object is expected");
    }
    std::map<std::string, core::OperatorSettings> result;
    for (const auto& [name, value] : json.items()) {
        // Also one that says nothing: its name is held against the network's.
        result.emplace_hint(result.end(), name, settingsOf(value, joined(where, name))); // they come in order
    }
    return result;
}

} // namespace

core::QuantizationPlan planOf(const ReadJson& json)
{
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
    if (json.is_object() && json.contains("preset")) { // beneath what the defaults say
        const core::PlanPreset& preset = core::presetNamed(textOf(json["preset"], "preset"));
        plan.defaults = core::layered(plan.defaults, core::settingsOf(preset));
    }
    Readers readers{
        {"format",
         [](const ReadJson& j, const std::string& w) {
             if (textOf(j, w) != "noisefloor-plan/1") {
                 refuse(w, fmt::format("'{}' is not noisefloor-plan/1", j.get<std::string>()));
             }
         }},
        {"preset", [](const ReadJson&, const std::string&) {}},
        {"defaults",
         [&](const ReadJson& j, const std::string& w) {
             plan.defaults = core::layered(plan.defaults, settingsOf(j, w));
         }},
        {"types",
         [&](const ReadJson& j, const std::string& w) {
             const auto usual = core::QuantizationPlan::makeDefault().types;
             for (auto& [type, settings] : mapOf(j, w)) {
                 if (settings.isEmpty() && usual.contains(type)) {
                     plan.types.erase(type); // a usual rule that this plan has not
                 } else {
                     plan.types[type] = settings;
                 }
             }
         }},
        {"operators", [&](const ReadJson& j, const std::string& w) { plan.operators = mapOf(j, w); }},
        {"inputs", [&](const ReadJson& j, const std::string& w) { plan.inputs = mapOf(j, w); }},
        {"outputs",
         [&](const ReadJson& j, const std::string& w) {
             const std::string text = textOf(j, w);
             if (text != "quantized" && text != "float") {
                 refuse(w, fmt::format("'{}' is unknown; accepted: quantized, float", text));
             }
             plan.quantizeOutputs = text == "quantized";
         }},
        {"fusion", [&](const ReadJson& j, const std::string& w) {
             const std::string text = textOf(j, w);
             if (text != "on" && text != "off") {
                 refuse(w, fmt::format("'{}' is unknown; accepted: on, off", text));
             }
             plan.fuse = text == "on";
         }}};
    for (const core::PlanField& field : core::planFields()) {
        if (field.isOfWholePlan) {
            readers.emplace(field.key, [&](const ReadJson& j, const std::string& w) {
                setField(field, plan.defaults, j, w);
            });
        }
    }
    readObject(json, "", readers);
    return plan;
}

std::optional<core::PlanValue> plainValueOf(const ReadJson& json)
{
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    return json.is_number_integer() ? std::optional<core::PlanValue>(json.get<std::int64_t>()) : std::nullopt;
}

} // namespace io
