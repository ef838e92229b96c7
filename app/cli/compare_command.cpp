#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/input_files.h"
#include "io/files/text_format.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <map>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct CompareCommand
{
    RunOptions options;
    std::string other;
    std::string json;
};

Json readReport(const std::string& path)
{
    const Json json = io::parseJson(io::readFile(path, std::size_t{1} << 30), path);
    if (!json.is_object() || json.value("format", "") != "noisefloor-report/1" || !json.contains("operators")
        || !json["operators"].is_array()) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: not a noisefloor-report/1", path));
    }
    return json;
}

/// A number behind keys, or null.
Json at(const Json& json, std::initializer_list<const char*> path)
{
    const Json* node = &json;
    for (const char* key : path) {
        if (!node->is_object() || !node->contains(key)) {
            return nullptr;
        }
        node = &(*node)[key];
    }
    return *node;
}

Json difference(const Json& a, const Json& b)
{
    return a.is_number() && b.is_number() ? Json(b.get<double>() - a.get<double>()) : Json(nullptr);
}

Json pair(const Json& a, const Json& b) { return {{"a", a}, {"b", b}, {"difference", difference(a, b)}}; }

Json compareOperators(const Json& a, const Json& b)
{
    std::map<std::string, const Json*> first;
    for (const Json& op : a["operators"]) {
        first.emplace(op.value("name", ""), &op);
    }
    std::vector<Json> rows;
    for (const Json& op : b["operators"]) {
        const auto it = first.find(op.value("name", ""));
        if (it == first.end()) {
            rows.push_back({{"name", op.value("name", "")}, {"only_in", "b"}});
            continue;
        }
        const Json& before = *it->second;
        Json row;
        row["name"] = op.value("name", "");
        row["precision"] = {{"a", at(before, {"precision", "effective"})},
                            {"b", at(op, {"precision", "effective"})}};
        row["method"] = {{"a", at(before, {"activation", "method"})},
                         {"b", at(op, {"activation", "method"})}};
        row["threshold"] = {{"a", at(before, {"activation", "threshold"})},
                            {"b", at(op, {"activation", "threshold"})}};
        row["isolated_relative_l2"] =
            pair(at(before, {"isolated", "relative_l2"}), at(op, {"isolated", "relative_l2"}));
        row["accumulated_relative_l2"] =
            pair(at(before, {"accumulated", "relative_l2"}), at(op, {"accumulated", "relative_l2"}));
        rows.push_back(std::move(row));
        first.erase(it);
    }
    for (const auto& [name, unused] : first) {
        rows.push_back({{"name", name}, {"only_in", "a"}});
    }
    std::ranges::stable_sort(rows, std::greater<>{}, [](const Json& row) {
        const Json change = at(row, {"accumulated_relative_l2", "difference"});
        return change.is_number() ? change.get<double>() : -INFINITY;
    });
    return rows;
}

int run(const CompareCommand& command)
{
    io::noteInput(std::filesystem::path(command.other));
    claimOutputs(command.options);
    const Json a = readReport(command.options.model);
    const Json b = readReport(command.other);
    Json json;
    json["format"] = "noisefloor-comparison/1";
    json["a"] = {{"file", command.options.model}, {"model", at(a, {"model", "file"})}};
    json["b"] = {{"file", command.other}, {"model", at(b, {"model", "file"})}};
    json["same_model"] = at(a, {"model", "sha256"}) == at(b, {"model", "sha256"});
    json["plan_changed"] = a.value("plan", Json()) != b.value("plan", Json());
    json["accuracy"] = {
        {"fp32_top1", pair(at(a, {"accuracy", "fp32", "top1"}), at(b, {"accuracy", "fp32", "top1"}))},
        {"quantized_top1",
         pair(at(a, {"accuracy", "quantized", "top1"}), at(b, {"accuracy", "quantized", "top1"}))},
        {"top1_agreement",
         pair(at(a, {"accuracy", "top1_agreement"}), at(b, {"accuracy", "top1_agreement"}))}};
    if (a.contains("metric") && b.contains("metric")
        && at(a, {"metric", "kind"}) == at(b, {"metric", "kind"})) {
        json["metric"] = {
            {"kind", at(a, {"metric", "kind"})},
            {"quantized",
             pair(at(a, {"metric", "quantized", "value"}), at(b, {"metric", "quantized", "value"}))},
            {"drop", pair(at(a, {"metric", "drop", "value"}), at(b, {"metric", "drop", "value"}))},
            {"drop_intervals",
             {{"a", at(a, {"metric", "drop", "interval"})}, {"b", at(b, {"metric", "drop", "interval"})}}}};
    }
    json["operators"] = compareOperators(a, b);
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, json.dump(1) + "\n");
    }
    if (command.options.quiet) {
        return Done;
    }
    if (!json["same_model"].get<bool>()) {
        fmt::print("the reports are of different models\n");
    }
    fmt::print("quantized top-1: {} -> {}\n", json["accuracy"]["quantized_top1"]["a"].dump(),
               json["accuracy"]["quantized_top1"]["b"].dump());
    if (json.contains("metric")) {
        fmt::print("quantized {}: {} -> {}\n", json["metric"]["kind"].get<std::string>(),
                   json["metric"]["quantized"]["a"].dump(), json["metric"]["quantized"]["b"].dump());
    }
    fmt::print("{:<36}{:>14}{:>14}{:>14}   (accumulated relative L2, worst regression first)\n", "operator",
               "a", "b", "b - a");
    for (const Json& row : json["operators"]) {
        const auto text = [&](const char* key) {
            const Json value = at(row, {"accumulated_relative_l2", key});
            return value.is_number() ? fmt::format("{:.6f}", value.get<double>()) : std::string("-");
        };
        fmt::print("{:<36}{:>14}{:>14}{:>14}\n", row["name"].get<std::string>(), text("a"), text("b"),
                   text("difference"));
    }
    return Done;
}

void addOptions(Options& options, CompareCommand& command)
{
    options.value("report_a", &command.options.model, "Report (.json)").required();
    options.value("report_b", &command.other, "Report (.json)").required();
    addOutput(options, command.options, "--json", command.json, "Write the comparison (.json)");
    options.flag("--quiet", command.options.quiet, "Print nothing but errors");
}

} // namespace

Command compareCommand()
{
    return makeCommand<CompareCommand>("compare", "What changed between two reports, worst regression first",
                                       addOptions, run);
}

} // namespace cli
