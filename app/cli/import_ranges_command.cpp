#include "app/cli/command.h"
#include "app/cli/observer_options.h"
#include "core/base/error.h"
#include "io/files/input_files.h"
#include "io/plans/observer_plan.h"
#include "io/plans/plan_json.h"

#include <algorithm>
#include <filesystem>
#include <fmt/core.h>

namespace cli {

namespace {

struct ImportRangesCommand
{
    RunOptions options;
    std::vector<std::string> observers;
    std::vector<std::string> operators;
    std::string delimiter;
    std::string method = "minmax";
    std::string output;
};

int run(const ImportRangesCommand& command)
{
    const auto method = core::parseCalibrationMethod(command.method);
    const char delimiter = delimiterOf(command.delimiter);
    std::vector<io::ObservedOutput> observed;
    std::string files;
    for (const std::string& path : command.observers) {
        io::noteInput(std::filesystem::path(path));
        const auto more = io::readObserverFile(path, delimiter);
        observed.insert(observed.end(), more.begin(), more.end());
        files += (files.empty() ? "" : ", ") + std::filesystem::path(path).filename().string();
    }
    observed = io::mergedObservations(std::move(observed));
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto base = boundTo(project, command.options, asked);
    const auto graph = project.session->operators(*base);
    if (!command.operators.empty()) {
        const auto watched = watchedOperators(*graph, command.operators, "--operators");
        std::erase_if(observed, [&](const io::ObservedOutput& output) {
            return !std::ranges::any_of(graph->operators, [&](const core::Operator& op) {
                const std::size_t at = static_cast<std::size_t>(&op - graph->operators.data());
                return watched[at] && std::ranges::any_of(op.outputs, [&](core::ValueId id) {
                           return id != core::kNoValue
                               && io::asObserverWord(graph->value(id).name) == output.tensor;
                       });
            });
        });
    }
    const auto imported = io::planFromObservers(*base, *graph, observed, method, files);
    for (const std::string& warning : imported.warnings) {
        fmt::print(stderr, "warning: {}\n", warning);
    }
    const auto plan =
        boundTo(project, command.options, std::make_shared<const core::QuantizationPlan>(imported.plan));
    writeOutput(command.options, command.output, io::planToJson(*plan) + "\n");
    return Done;
}

void addOptions(Options& options, ImportRangesCommand& command)
{
    addRunOptions(options, command.options);
    options
        .list(
            "--observer-file", command.observers,
            "What Caffe2's observers, or calibrate --observer-file, wrote; several files are taken together")
        .required();
    options.list("--operators", command.operators,
                 "Take these only: names, or selectors as of a plan (conv*, type:Conv, #3)");
    options.value("--delimiter", &command.delimiter, "One sign, or tab, that parts words beside blanks");
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
