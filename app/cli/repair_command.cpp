#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/cli/target.h"
#include "core/base/error.h"
#include "core/repair/repair.h"
#include "core/report/non_finite.h"
#include "io/plans/plan_json.h"
#include "io/plans/profile_json.h"

#include <cmath>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct RepairCommand
{
    RunOptions options;
    std::vector<std::string> apply;
    std::vector<std::string> operators;
    std::size_t calibrationSamples = 32;
    std::string output;
    std::string json;
};

std::string decibels(const std::optional<double>& sqnr)
{
    return core::decibelWords(sqnr) + (sqnr && std::isfinite(*sqnr) ? " dB" : "");
}

Json toJson(const core::RepairMeasure& measure)
{
    Json json;
    json["output"] = measure.output;
    json["sqnr_db"] = measure.sqnrDb ? Json(*measure.sqnrDb) : Json(nullptr);
    if (measure.sqnrDb && !std::isfinite(*measure.sqnrDb)) {
        json["non_finite"] = true;
    }
    if (measure.labelled) {
        json["fp32_top1"] = measure.fp32Top1;
        json["top1"] = measure.top1;
    }
    if (measure.agreement) {
        json["top1_agreement"] = *measure.agreement;
    }
    json["samples"] = measure.samples;
    return json;
}

std::string toJson(const RepairCommand& command, const core::RepairOutcome& outcome)
{
    Json json;
    json["format"] = "noisefloor-repair/1";
    json["apply"] = command.apply;
    json["operators"] = command.operators;
    json["calibration_samples"] = outcome.samples;
    json["before"] = toJson(outcome.before);
    json["after"] = toJson(outcome.after);
    json["notes"] = outcome.notes;
    json["plan"] = Json::parse(io::planToJson(outcome.plan));
    return json.dump(1) + "\n";
}

void print(const core::RepairOutcome& outcome)
{
    const core::RepairMeasure& before = outcome.before;
    const core::RepairMeasure& after = outcome.after;
    fmt::print("over {} samples          before      after\n", after.samples);
    fmt::print("SQNR of {:<14} {:>9}  {:>9}\n", after.output, decibels(before.sqnrDb),
               decibels(after.sqnrDb));
    if (after.labelled) {
        fmt::print("top-1 (FP32 {:.2f} %)   {:>7.2f} %  {:>7.2f} %\n", after.fp32Top1, before.top1,
                   after.top1);
    }
    if (after.agreement) {
        fmt::print("agreement with FP32    {:>7.2f} %  {:>7.2f} %\n", before.agreement.value_or(0.0),
                   *after.agreement);
    }
    if (outcome.samples > 0) {
        fmt::print("learnt from {} calibration samples\n", outcome.samples);
    }
    for (const std::string& note : outcome.notes) {
        fmt::print("note: {}\n", note);
    }
}

int run(const RepairCommand& command)
{
    core::RepairRequest request;
    for (const std::string& name : command.apply) {
        request.repairs.push_back(core::parseRepair(name));
    }
    for (const std::string& name : command.operators) {
        if (name == "all") {
            request.operators.clear();
            break;
        }
        request.operators.push_back(name);
    }
    const auto asked = planOf(command.options);
    request.samples = command.calibrationSamples;
    const app::Project project = openProject(command.options);
    request.plan = *boundTo(project, command.options, asked);
    const auto outcome = core::repair(*project.session, request, interruption(), progressOf(command.options));
    if (!outcome) {
        return cancelled();
    }
    if (!command.options.quiet) {
        print(*outcome);
    }
    if (!command.options.profile.empty()
        && sayBreaches(project, io::profileOf(command.options.profile), outcome->plan) > 0) {
        fmt::print(stderr, "nothing is written: the repaired plan is not one that the target takes\n");
        return CheckFailed;
    }
    if (!command.output.empty()) {
        writeOutput(command.options, command.output, io::planToJson(outcome->plan) + "\n");
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, toJson(command, *outcome));
    }
    return Done;
}

std::string repairHelp()
{
    std::string help = "One or several of";
    for (const core::RepairInfo& info : core::repairs()) {
        help += fmt::format("\n{}: {}", info.name, info.help);
    }
    return help;
}

void addOptions(Options& options, RepairCommand& command)
{
    addRunOptions(options, command.options);
    options.list("--apply", command.apply, repairHelp()).required().separatedBy(',');
    options.list("--operators", command.operators, "Operators to repair, by name; all (default)")
        .separatedBy(',');
    options
        .value("--calibration-samples", &command.calibrationSamples,
               "Calibration samples that learnt repairs look at, at most")
        .must(Within<int>{1, 100000});
    addOutput(options, command.options, "--output", command.output, "Write the repaired plan (.json)");
    addOutput(options, command.options, "--json", command.json,
              "Write before, after, notes and plan (.json)");
}

} // namespace

Command repairCommand()
{
    return makeCommand<RepairCommand>("repair", "Apply repairs to a plan and measure what they gain",
                                      addOptions, run);
}

} // namespace cli
