#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/report/non_finite.h"
#include "io/files/input_files.h"
#include "io/reports/side_by_side.h"
#include "kernels/shape/isa.h"

#include <cstdio>
#include <filesystem>
#include <fmt/core.h>

namespace cli {

namespace {

struct BenchmarkCommand
{
    RunOptions options; ///< its model and data are those of each network in turn
    std::vector<std::string> models;
    std::vector<std::string> data;
    core::SideBySideRequest request;
    std::string json;
    std::string html;
};

void checkData(const BenchmarkCommand& command)
{
    if (!command.data.empty() && command.data.size() != command.models.size()) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--data names {} files for {} networks: one for each, in their order",
                                      command.data.size(), command.models.size()));
    }
}

RunOptions optionsOf(const BenchmarkCommand& command, std::size_t i)
{
    RunOptions options = command.options;
    options.model = command.models[i];
    options.data = command.data.empty() ? std::string() : command.data[i];
    return options;
}

void printHead(const BenchmarkCommand& command)
{
    fmt::print("one thread, {}; {} repetitions in turn after {} to warm up, over {} samples at most; medians "
               "in ms per sample, in brackets half of what lies between the quartiles\n\n",
               kernels::isaName(), command.request.repetitions, command.request.warmUp,
               command.request.samples);
    fmt::print("{:<34}{:>8}{:>8}{:>8}{:>10}{:>18}{:>18}{:>18}{:>8}\n", "network", "samples", "FP32 %",
               "int8 %", "output dB", "FP32 unfused", "FP32 fused", "quantized", "speed");
}

std::string timeText(const core::TimeSpread& time)
{
    return fmt::format("{:.3f} (±{:.3f})", time.median, (time.upperQuartile - time.lowerQuartile) / 2);
}

void print(const core::SideBySide& model)
{
    const bool labelled = model.accuracy && model.accuracy->labelled;
    const auto percent = [&](double top1) { return labelled ? fmt::format("{:.2f}", top1) : "-"; };
    const core::Accuracy accuracy = model.accuracy.value_or(core::Accuracy{});
    fmt::print("{:<34}{:>8}{:>8}{:>8}{:>10}{:>18}{:>18}{:>18}{:>8.2f}\n", model.modelFile, model.samples,
               percent(accuracy.fp32.top1), percent(accuracy.quantized.top1),
               core::decibelWords(model.outputDb), timeText(model.unfused), timeText(model.fused),
               timeText(model.quantized), model.fused.median / model.quantized.median);
    std::fflush(stdout); // networks come one by one
}

int run(const BenchmarkCommand& command)
{
    checkData(command);
    for (const auto* paths : {&command.models, &command.data}) {
        for (const std::string& path : *paths) {
            io::noteInput(std::filesystem::path(path));
        }
    }
    const io::ClaimedOutputs claimed = claimOutputs(command.options);
    io::SideBySideRun all{kernels::isaName(), command.request, {}};
    if (!command.options.quiet) {
        printHead(command);
    }
    for (std::size_t i = 0; i < command.models.size(); ++i) {
        const RunOptions options = optionsOf(command, i);
        const auto asked = planOf(options);
        const app::Project project = app::openProject(requestOf(options));
        claimed.refuseInputs();
        const auto result = core::runSideBySide(*project.session, *boundTo(project, options, asked),
                                                command.request, interruption(), progressOf(options));
        if (!result) {
            return cancelled();
        }
        all.models.push_back(*result);
        if (!command.options.quiet) {
            print(*result);
        }
    }
    if (!command.options.quiet) {
        fmt::print("\nspeed: FP32 fused ÷ quantized\n");
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, io::sideBySideToJson(all));
    }
    if (!command.html.empty()) {
        writeOutput(command.options, command.html, io::sideBySideToHtml(all));
    }
    return Done;
}

void addOptions(Options& options, BenchmarkCommand& command)
{
    options.list("models", command.models, "ONNX models").required();
    options.list("--data", command.data, "Data of each model, in their order (as run --data)");
    addPlanOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--repetitions", &command.request.repetitions, "Timed repetitions (11)").must(Positive{});
    options.value("--warm-up", &command.request.warmUp, "Repetitions before the first that counts (2)")
        .must(NotNegative{});
    options.value("--timed-samples", &command.request.samples, "Samples of a repetition, at most (4)")
        .must(Positive{});
    addOutput(options, command.options, "--json", command.json, "Write the measurements (.json)");
    addOutput(options, command.options, "--html", command.html,
              "Write one page with both charts, accuracy and speed over the networks (.html)");
}

} // namespace

Command benchmarkCommand()
{
    return makeCommand<BenchmarkCommand>(
        "benchmark", "Unfused FP32, fused FP32 and int8 of several networks side by side: accuracy and speed",
        addOptions, run);
}

} // namespace cli
