#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/cli/target.h"
#include "core/diagnosis/diagnose.h"
#include "core/diagnosis/error_factors.h"
#include "core/report/non_finite.h"
#include "io/plans/plan_json.h"
#include "io/reports/diagnosis_json.h"

#include <algorithm>
#include <fmt/core.h>

namespace cli {

namespace {

constexpr std::size_t kDefaultSamples = 64;
constexpr double kLeastShown = 0.02;

struct DiagnoseCommand
{
    RunOptions options;
    std::size_t probe = 4;
    std::size_t most = 10;
    std::string json;
    std::string fixPlan;
};

std::string qualityText(const core::OutputQuality& quality)
{
    std::string text =
        quality.sqnrDb ? fmt::format("SQNR {} dB", core::decibelWords(quality.sqnrDb)) : "exact";
    if (quality.top1) {
        text += fmt::format(", top-1 {:.2f} %", *quality.top1);
    }
    return text + fmt::format(" ({} samples)", quality.samples);
}

std::string gainText(const core::Fix& fix)
{
    std::string text = fmt::format("{:+.2f} dB", fix.gainDb.value_or(0.0));
    return fix.gainTop1 ? text + fmt::format(", top-1 {:+.2f} points", *fix.gainTop1) : text;
}

/// "error by factor (4 samples, % of its Σe² at the output; + add up): + weight rounding 71.2, …"
void printFactors(const core::Diagnosis& diagnosis, const std::string& guilty)
{
    const auto op = std::ranges::find(diagnosis.operators, guilty, &core::AttributedOperator::name);
    if (op == diagnosis.operators.end() || !op->probe.parts || op->probe.atOutput <= 0.0) {
        return;
    }
    std::string text;
    for (const core::ErrorFactor& factor : core::errorFactors(*op->probe.parts)) {
        text += fmt::format("{}{}{} {:.1f}", text.empty() ? "" : ", ", factor.isPart ? "+ " : "", factor.name,
                            100.0 * factor.energy / op->probe.atOutput);
    }
    fmt::print("   error by factor ({} samples, % of its Σe² at the output; + add up): {}\n",
               diagnosis.probeSamples, text);
}

void printShadow(const core::Diagnosis& diagnosis, const std::string& guilty)
{
    const auto layer =
        std::ranges::find(diagnosis.report->layers, guilty, [](const auto& l) { return l->name; });
    if (layer != diagnosis.report->layers.end() && (*layer)->pipelineShadow) {
        fmt::print("   own error in the pipeline, on the inputs that it has there: {} dB\n",
                   core::decibelWords(*(*layer)->pipelineShadow));
    }
}

void print(const core::Diagnosis& diagnosis, const core::Finding& finding, std::size_t rank)
{
    fmt::print("\n{}. {}: {} [{}], {:.1f} % of the output error\n", rank, finding.guilty,
               core::titleOf(finding.cause), core::idOf(finding.cause), 100.0 * finding.severity);
    fmt::print("   {}\n", finding.explanation);
    for (const core::Proof& proof : finding.proofs) {
        fmt::print("   {}: {:.6g}{}{}", proof.name, proof.value, proof.unit.empty() ? "" : " ", proof.unit);
        fmt::print("{}\n", proof.samples ? fmt::format(" ({} samples)", proof.samples) : "");
    }
    printShadow(diagnosis, finding.guilty);
    printFactors(diagnosis, finding.guilty);
    for (const core::Fix& fix : finding.fixes) {
        if (fix.gainDb) {
            fmt::print("   {} {}: {}\n", fix.recommended ? "fix *" : "fix  ", fix.label, gainText(fix));
        }
    }
}

void print(const core::Diagnosis& diagnosis, std::size_t most)
{
    fmt::print("output: {}\n", qualityText(diagnosis.quality));
    std::size_t rank = 0;
    for (const core::Finding& finding : diagnosis.findings) {
        if (rank < most && (finding.severity >= kLeastShown || finding.severity == 0.0)) {
            print(diagnosis, finding, ++rank);
        }
    }
    if (rank == 0) {
        fmt::print("nothing to report\n");
    }
    if (!diagnosis.accepted.empty()) {
        fmt::print("\naccepted:\n");
        for (const std::string& label : diagnosis.accepted) {
            fmt::print("   {}\n", label);
        }
        fmt::print("output then: {}\n", qualityText(diagnosis.fixedQuality));
    }
}

int run(const DiagnoseCommand& given)
{
    DiagnoseCommand command = given;
    if (command.options.samples == 0) {
        command.options.samples = kDefaultSamples;
    }
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    core::DiagnosisOptions options;
    options.probeSamples = command.probe;
    options.threads = command.options.threads;
    options.objection = objectionOf(project, command.options.profile);
    const auto diagnosis =
        core::diagnose(*project.session, plan, options, interruption(), progressOf(command.options));
    if (!diagnosis) {
        return cancelled();
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, io::diagnosisToJson(*diagnosis));
    }
    if (!command.fixPlan.empty()) {
        writeOutput(command.options, command.fixPlan, io::planToJson(diagnosis->fixedPlan));
    }
    if (!command.options.quiet) {
        print(*diagnosis, command.most);
    }
    return Done;
}

void addOptions(Options& options, DiagnoseCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    addShadow(options, command.options);
    options
        .value("--probe", &command.probe, "Evaluation samples over which the error is charged to operators")
        .must(Within<int>{1, 1024});
    options.value("--most", &command.most, "Findings to print");
    addOutput(options, command.options, "--json", command.json,
              "Write everything, with the shares and parts of every operator (.json)");
    addOutput(options, command.options, "--fix-plan", command.fixPlan,
              "Write the plan with the accepted fixes (.json)");
}

} // namespace

Command diagnoseCommand()
{
    return makeCommand<DiagnoseCommand>("diagnose",
                                        "Name the causes of the output error, worst first, with numbers and "
                                        "fixes whose gain is measured (first 64 samples unless --samples)",
                                        addOptions, run);
}

} // namespace cli
