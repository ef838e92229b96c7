#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/common/export_source.h"
#include "io/files/input_files.h"
#include "io/verify/verification.h"

#include <algorithm>
#include <fmt/core.h>

namespace cli {

namespace {

struct VerifyCommand
{
    RunOptions options;
    std::string format;
    std::string input;
    std::string json;
    std::size_t operatorSamples = 4;
    std::optional<double> leastSqnr;
    std::optional<double> leastAgreement;
};

std::string decibels(const std::optional<double>& sqnr)
{
    return sqnr ? fmt::format("{:.2f} dB", *sqnr) : "equal";
}

void printOutputs(const io::Execution& e, std::string_view how)
{
    fmt::print("{}{}, {} samples:", e.runtime, how, e.samples);
    for (std::size_t i = 0; i < e.outputs.size(); ++i) {
        fmt::print("{} {} {}", i == 0 ? "" : ",", e.outputs[i].name, decibels(e.outputs[i].sqnrDb));
    }
    if (e.agreement) {
        fmt::print(", predictions agree on {:.2f} %", *e.agreement);
    }
    fmt::print("\n");
}

void printExecution(const io::Execution& e)
{
    printOutputs(e, "");
    fmt::print("\noperator ({} samples)           identical  within 1 LSB  largest    SQNR\n",
               e.operatorSamples);
    std::vector<const io::OperatorAgreement*> worst;
    for (const io::OperatorAgreement& op : e.operators) {
        worst.push_back(&op);
    }
    std::ranges::stable_sort(worst, {}, [](const auto* op) { return op->sqnrDb.value_or(1e9); });
    constexpr std::size_t kShown = 10;
    for (std::size_t i = 0; i < std::min(worst.size(), kShown); ++i) {
        fmt::print("{:<32}{:>8.3f} %{:>11.3f} %{:>9}    {}\n", worst[i]->name, 100.0 * worst[i]->identical,
                   100.0 * worst[i]->withinOneLsb, worst[i]->maxDifferenceLsb, decibels(worst[i]->sqnrDb));
    }
}

void print(const io::Verification& v)
{
    constexpr std::size_t kShownLosses = 3; // of one kind; --json has all
    for (const std::string& line : io::summaryOf(v.losses, kShownLosses)) {
        fmt::print("not expressed: {}\n", line);
    }
    if (v.encodings.tensors + v.encodings.operators > 0) {
        fmt::print(
            "read back: {} tensors and {} operators, {} differ (losses named), the rest within {} ulp\n",
            v.encodings.tensors, v.encodings.operators, v.encodings.differences.size(), v.encodings.maxUlps);
    }
    if (v.ownExecution) {
        printExecution(*v.ownExecution);
    }
    if (v.execution) {
        printExecution(*v.execution);
    } else if (!v.notExecuted.empty()) {
        fmt::print("not run in ONNX Runtime: {}\n", v.notExecuted);
    }
    if (v.optimized) {
        printOutputs(*v.optimized, ", optimized");
    }
    for (const std::string& note : v.notes) {
        fmt::print("note: {}\n", note);
    }
    const bool isRun = v.notExecuted.empty();
    const std::size_t all = v.encodings.tensors + v.encodings.operators;
    const std::size_t lost = v.encodings.differences.size();
    fmt::print("{}: {}{}\n", v.file,
               !v.passed() ? "NOT verified"
                   : isRun ? "verified"
                           : "not verified against ONNX Runtime",
               v.passed() && lost > 0
                   ? fmt::format(": the file says what the plan exports, but {} of {} encodings are not the "
                                 "plan's own (losses named)",
                                 lost, all)
                   : "");
}

int run(const VerifyCommand& command)
{
    const io::ExportFormat& format = io::exportFormat(command.format);
    io::noteInput(std::filesystem::path(command.input));
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    const std::stop_token stop = interruption();
    auto source =
        app::exportSource(project, command.options.model, plan, format, stop, progressOf(command.options));
    std::optional<io::Verification> verification;
    if (source) {
        io::VerificationRequest request;
        request.format = &format;
        request.limits.leastSqnrDb = command.leastSqnr.value_or(request.limits.leastSqnrDb);
        request.limits.leastAgreement = command.leastAgreement.value_or(request.limits.leastAgreement);
        request.source = std::move(*source);
        request.file = command.input;
        request.data = project.data.evaluation;
        request.labelsOutput = project.data.labelsOutput;
        request.samples = command.options.samples > 0 ? command.options.samples : request.samples;
        request.operatorSamples = command.operatorSamples;
        verification = io::verifyExport(request, stop);
    }
    if (!verification) {
        return cancelled();
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, io::verificationToJson(*verification));
    }
    if (!command.options.quiet) {
        print(*verification);
    }
    for (const std::string& problem : verification->problems) {
        fmt::print(stderr, "noisefloor-cli: {}: {}\n", verification->file, problem);
    }
    return verification->passed() ? Done : CheckFailed;
}

void addOptions(Options& options, VerifyCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--format", &command.format, "As for export").required();
    options.value("--input", &command.input, "The export to verify").required();
    addOutput(options, command.options, "--json", command.json, "Write the result (.json)");
    options.value("--operator-samples", &command.operatorSamples,
                  "Compare operator by operator on the first N samples");
    options.value("--least-sqnr", &command.leastSqnr, "dB at any output below which it fails (40)");
    options.value("--least-agreement", &command.leastAgreement, "Percent of predictions (99)");
}

} // namespace

Command verifyCommand()
{
    return makeCommand<VerifyCommand>("verify",
                                      "Load an export back and compare it with the plan; run exported "
                                      "models in this engine and in ONNX Runtime",
                                      addOptions, run);
}

} // namespace cli
