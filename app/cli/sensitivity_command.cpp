#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/sensitivity_table.h"
#include "app/cli/signals.h"
#include "core/sensitivity/sensitivity_table.h"
#include "io/reports/effect_journal.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct SensitivityCommand
{
    RunOptions options;
    std::string method = "exact";
    std::string json;
    std::string journal;
    std::size_t top = 0;
    std::size_t confirm = 5;
};

int run(const SensitivityCommand& given)
{
    SensitivityCommand command = given;
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    core::Session& session = *project.session;
    const auto stop = interruption();
    const auto progress = progressOf(command.options);
    std::optional<io::EffectJournal> journal;
    core::EffectMemory memory;
    if (!command.journal.empty()) {
        journal.emplace(command.journal, session.model().sha256);
        warnOfLostLines(command.journal, journal->lost());
        memory = journal->memory();
    }
    core::SensitivityOptions options;
    options.method =
        command.method == "fast" ? core::SensitivityMethod::Fast : core::SensitivityMethod::Exact;
    options.samples = command.options.samples > 0 ? command.options.samples : options.samples;
    options.confirmed = command.confirm;
    const auto table = core::measureSensitivity(session, plan, options, memory, stop, progress);
    if (!table) {
        return cancelled();
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, tableToJson(*table, session));
    }
    if (!command.options.quiet) {
        printTable(*table, session, command.top);
    }
    return Done;
}

void addOptions(Options& options, SensitivityCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options
        .value("--method", &command.method,
               "exact: each operator alone, and all but it (default) | fast: all predicted from one "
               "run, the worst measured")
        .must(OneOf{{"exact", "fast"}});
    options.value("--confirm", &command.confirm,
                  "Of --method fast: how many of the worst are measured exactly (5)");
    addOutput(options, command.options, "--json", command.json, "Write the table (.json)");
    addOutput(options, command.options, "--journal", command.journal,
              "Keep every result in this file as it comes: the same command goes on there");
    options.value("--top", &command.top, "Print only the N operators that the output feels most");
}

} // namespace

Command sensitivityCommand()
{
    return makeCommand<SensitivityCommand>(
        "sensitivity",
        "What each operator's quantization does: to its own output, in the "
        "pipeline, and to the network's output",
        addOptions, run);
}

} // namespace cli
