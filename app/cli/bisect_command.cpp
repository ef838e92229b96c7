#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/search/bisection.h"
#include "core/sensitivity/output_probe.h"
#include "io/exports/subgraph_export.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct BisectCommand
{
    RunOptions options;
    double bound = 0.1;
    std::string output;
};

constexpr std::size_t kUsualSamples = 8;

void print(const core::OperatorGraph& graph, const core::FailingSubgraph& part, double bound)
{
    fmt::print("'{}' is the first value whose accumulated error exceeds {} % of its norm: {:.2f} %\n",
               graph.value(part.output).name, 100.0 * bound, 100.0 * part.accumulatedRelativeL2);
    fmt::print("{} of {} operators are enough for it: on FP32 inputs they alone give {:.2f} % ({} samples, "
               "{} parts tried)\n",
               part.operators.size(), graph.operators.size(), 100.0 * part.relativeL2, part.samples,
               part.evaluations);
    for (const core::OperatorId id : part.operators) {
        fmt::print("  {} ({})\n", graph.at(id).name, graph.at(id).type);
    }
}

int run(const BisectCommand& given)
{
    BisectCommand command = given;
    if (command.options.samples == 0) {
        command.options.samples = kUsualSamples;
    }
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    const auto stop = interruption();
    const auto progress = progressOf(command.options);
    core::OutputProbe probe(*project.session, *plan, command.options.samples);
    if (!probe.begin(stop, progress)) {
        return cancelled();
    }
    const auto part = core::findFailingSubgraph(probe, command.bound, stop, progress);
    if (stop.stop_requested()) {
        return cancelled();
    }
    if (!part) {
        fmt::print("no operator's accumulated error exceeds {} % of its output's norm over {} samples\n",
                   100.0 * command.bound, probe.samples());
        return Done;
    }
    if (!command.output.empty()) {
        io::writeFailingSubgraph(command.output, probe, *part);
    }
    if (!command.options.quiet) {
        print(probe.network().graph(), *part, command.bound);
        if (!command.output.empty()) {
            fmt::print("wrote {}: run it with --data data.json --plan plan.json\n", command.output);
        }
    }
    return Done;
}

void addOptions(Options& options, BisectCommand& command)
{
    addRunOptions(options, command.options);
    options.value("--bound", &command.bound, "Relative L2 error (‖y − ŷ‖ / ‖y‖) that counts as failing (0.1)")
        .must(Positive{});
    addOutput(options, command.options, "--output", command.output,
              "Folder for subgraph.onnx, its data (.npy), plan.json and data.json", io::OutputKind::Folder);
}

} // namespace

Command bisectCommand()
{
    return makeCommand<BisectCommand>(
        "bisect", "Find the smallest part of the network that fails on its own, and save it with its data",
        addOptions, run);
}

} // namespace cli
