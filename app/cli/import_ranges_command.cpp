#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "core/base/error.h"
#include "io/plans/observer_plan.h"
#include "io/plans/plan_json.h"

#include <filesystem>
#include <fmt/core.h>

namespace cli {

namespace {

struct ImportRangesCommand
{
    RunOptions options;
    std::string observers;
    std::string method = "minmax";
    std::string output;
};

int run(const ImportRangesCommand& command)
{
    const auto method = core::parseCalibrationMethod(command.method);
    const auto observed = io::readObserverFile(command.observers);
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto base = boundTo(project, asked);
    const auto graph = project.session->operators(*base);
    const auto imported = io::planFromObservers(*base, *graph, observed, method,
                                                std::filesystem::path(command.observers).filename().string());
    for (const std::string& warning : imported.warnings) {
        fmt::print(stderr, "warning: {}\n", warning);
    }
    writeOutput(command.options, command.output, io::planToJson(imported.plan) + "\n");
    return Done;
}

void addOptions(Options& options, ImportRangesCommand& command)
{
    addRunOptions(options, command.options);
    options
        .value("--observer-file", &command.observers,
               "What Caffe2's observers, or calibrate --observer-file, wrote")
        .required();
    options.value(
        "--method", &command.method,
        "How histograms are searched: minmax, l1:dnnlowp, l2:dnnlowp, l2-approx, p99:T, entropy:dnnlowp");
    addOutput(options, command.options, "--output", command.output, "The plan to write (.json)").required();
}

} // namespace

Command importRangesCommand()
{
    return makeCommand<ImportRangesCommand>(
        "import-ranges", "A plan with the ranges of a DNNLOWP observer file (min-max or histogram)",
        addOptions, run);
}

} // namespace cli
