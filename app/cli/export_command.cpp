#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/cli/target.h"
#include "app/common/export_difference.h"
#include "app/common/export_source.h"
#include "io/exports/format.h"
#include "io/plans/profile_json.h"

#include <algorithm>
#include <fmt/core.h>

namespace cli {

namespace {

struct ExportCommand
{
    RunOptions options;
    std::string format;
    std::string output;
    bool everyLoss = false;
};

constexpr std::size_t kShownLosses = 3; // of one kind

int run(const ExportCommand& command)
{
    const io::ExportFormat& format = io::exportFormat(command.format);
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    RunOptions asPlanned = command.options;
    asPlanned.profile.clear(); // a plan that is written is the user's: refused, not changed
    const auto plan = boundTo(project, asPlanned, asked);
    if (!command.options.profile.empty()
        && sayBreaches(project, io::profileOf(command.options.profile), *plan) > 0) {
        fmt::print(stderr, "nothing is written; profile fit makes a plan that the target takes\n");
        return CheckFailed;
    }
    const auto source = app::exportSource(project, command.options.model, plan, format, interruption(),
                                          progressOf(command.options));
    if (!source) {
        return cancelled();
    }
    const io::Export exported = io::exportAs(format, *source);
    const auto differences = app::exportDifferences(project, *source, format, exported, interruption());
    if (!differences) {
        return cancelled();
    }
    for (const std::string& line : io::summaryOf(exported.losses, command.everyLoss ? 0 : kShownLosses)) {
        fmt::print(stderr, "not expressed: {}\n", line);
    }
    if (!exported.losses.empty()) {
        fmt::print(stderr, "{} things are not expressed in {}\n", exported.losses.size(), format.name);
    }
    for (const io::ExportLoss& difference : *differences) {
        fmt::print(stderr, "differs: {}\n", io::toString(difference));
    }
    for (const auto& path : io::writeExport(exported, command.output)) {
        if (!command.options.quiet) {
            fmt::print("wrote {}\n", path.string());
        }
    }
    return Done;
}

std::string formatHelp()
{
    std::string help = "One of";
    for (const io::ExportFormat& format : io::exportFormats()) {
        help += fmt::format("\n{} ({}; {})", format.name, format.title, format.help);
    }
    return help;
}

void addOptions(Options& options, ExportCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--format", &command.format, formatHelp()).required();
    options.flag("--every-loss", command.everyLoss,
                 "Name every tensor and operator that loses something, also where many lose the same");
    addOutput(options, command.options, "--output", command.output, "File to write").required();
}

} // namespace

Command exportCommand()
{
    return makeCommand<ExportCommand>("export", "Write the tuned quantization for a deployment runtime",
                                      addOptions, run);
}

} // namespace cli
