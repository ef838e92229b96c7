#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/metrics/metric_task.h"
#include "core/report/metric_words.h"
#include "core/report/non_finite.h"
#include "core/session/network_comparison.h"
#include "io/reports/metric_json.h"

#include <cmath>
#include <cstdio>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct MethodsCommand
{
    RunOptions options;
    std::string methods;
    std::string json;
};

std::vector<core::CalibrationMethod> methodsOf(const std::string& text)
{
    if (text.empty() || text == "all") {
        return core::methodsToCompare(text.empty() ? core::Variants::Leave : core::Variants::Include);
    }
    std::vector<core::CalibrationMethod> methods;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        methods.push_back(core::parseCalibrationMethod(text.substr(start, comma - start)));
        start = comma + 1;
    }
    return methods;
}

Json jsonOf(const core::NetworkOutcome& outcome)
{
    const core::Report& report = *outcome.report;
    const core::OutputReport* const decisive = core::decisiveOutput(report); // null: all are exact
    const bool isFinite = decisive && std::isfinite(decisive->error.sqnrDb.value_or(0.0));
    Json json{{"method", core::toString(outcome.method)},
              {"output_sqnr_db", isFinite ? Json(decisive->error.sqnrDb.value_or(0.0)) : Json(nullptr)}};
    if (decisive) {
        json["output"] = {
            {"name", decisive->name}, {"kind", decisive->kind}, {"samples", decisive->error.samples}};
    }
    if (decisive && !isFinite) {
        json["non_finite"] = true;
    }
    if (report.accuracy) {
        if (report.accuracy->labelled) {
            json["top1"] = report.accuracy->quantized.top1;
        }
        json["top1_agreement"] = report.accuracy->top1Agreement;
        json["top1_drop_interval"] = io::intervalToJson(report.accuracy->intervals.top1Drop);
    }
    if (report.metric) {
        json["metric"] = {{"kind", report.metric->info.kind},
                          {"value", io::estimateToJson(report.metric->quantized)},
                          {"drop", io::estimateToJson(report.metric->drop)}};
    }
    Json operators = Json::object();
    for (const auto& layer : report.layers) {
        if (layer->accumulated) {
            operators[layer->name] =
                layer->accumulated->sqnrDb ? Json(*layer->accumulated->sqnrDb) : Json(nullptr);
        }
    }
    json["accumulated_sqnr_db"] = std::move(operators);
    return json;
}

void print(const core::NetworkOutcome& outcome)
{
    const auto output = core::decisiveOutputDb(*outcome.report);
    const auto& accuracy = outcome.report->accuracy;
    const auto& metric = outcome.report->metric;
    fmt::print("{:<24}{:>12}{:>10}{:>12}{}\n", core::toString(outcome.method), core::decibelWords(output),
               accuracy && accuracy->labelled ? fmt::format("{:.2f}", accuracy->quantized.top1) : "-",
               accuracy ? fmt::format("{:.2f}", accuracy->top1Agreement) : "-",
               metric ? fmt::format("{:>14}", core::metricValueWords(metric->info, metric->quantized.value))
                      : "");
    std::fflush(stdout); // methods come one by one
}

int run(const MethodsCommand& command)
{
    const auto methods = methodsOf(command.methods);
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    Json json{
        {"format", "noisefloor-methods/1"},
        {"model", {{"file", project.session->model().file}, {"sha256", project.session->model().sha256}}},
        {"methods", Json::array()}};
    if (!command.options.quiet) {
        const auto& metric = project.data.metric;
        fmt::print("{:<24}{:>12}{:>10}{:>12}{}\n", "method", "output dB", "top-1 %", "agreement %",
                   metric ? fmt::format("{:>14}", metric->metric->info().kind) : "");
    }
    const bool complete = core::compareOnNetwork(*project.session, *plan, methods, interruption(),
                                                 progressOf(command.options), [&](const auto& outcome) {
                                                     json["methods"].push_back(jsonOf(outcome));
                                                     if (!command.options.quiet) {
                                                         print(outcome);
                                                     }
                                                 });
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, json.dump(1) + "\n");
    }
    if (!complete) {
        return cancelled();
    }
    return Done;
}

void addOptions(Options& options, MethodsCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--methods", &command.methods, "a,b,… or all (with the variants of other tools)");
    addOutput(options, command.options, "--json", command.json,
              "Write the outcome, with every operator's error (.json)");
}

} // namespace

Command methodsCommand()
{
    return makeCommand<MethodsCommand>(
        "methods", "Compare calibration methods on the whole network: output error and top-1 of each",
        addOptions, run);
}

} // namespace cli
