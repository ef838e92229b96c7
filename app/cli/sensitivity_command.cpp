#include "app/cli/options.h"
#include "app/cli/sensitivity_table.h"
#include "core/sensitivity/error_flow.h"
#include "core/sensitivity/fast_ranking.h"
#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/output_probe.h"
#include "core/sensitivity/three_truths.h"
#include "io/effect_journal.h"

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

constexpr std::size_t kUsualSamples = 16; // 4 already rank as 300 do; top-1 wants as many as there are

int cancelled()
{
    fmt::print(stderr, "noisefloor-cli: cancelled\n");
    return Cancelled;
}

constexpr std::size_t kFlowSamples = 4; ///< of the fast method

/// Every operator exactly. Fills the table; false when stopped.
bool measureExact(core::Session& session, const core::QuantizationPlan& plan, core::OutputProbe& probe,
                  const core::EffectMemory& memory, const std::stop_token& stop,
                  const core::ProgressCallback& progress, SensitivityTable& table)
{
    table.report = session.run(std::make_shared<const core::QuantizationPlan>(plan), stop, progress);
    if (!table.report) {
        return false;
    }
    const auto effects = core::measureLeaveOne(session, probe, core::sensitiveOperators(probe.network()),
                                               core::LeaveOne::Both, memory, stop, progress);
    if (!effects) {
        return false;
    }
    table.rows = core::threeTruths(*table.report, table.outputs, table.all, *effects);
    return true;
}

/// All operators by prediction, those that the output feels most exactly.
bool measureFast(core::Session& session, core::OutputProbe& probe, std::size_t confirmed,
                 const core::EffectMemory& memory, const std::stop_token& stop,
                 const core::ProgressCallback& progress, SensitivityTable& table)
{
    const auto flow = core::measureErrorFlow(probe, kFlowSamples, stop, progress);
    if (!flow) {
        return false;
    }
    table.flow = *flow;
    const auto effects =
        core::predictEffects(probe, *flow, core::samplesToRank(probe.samples()), stop, progress);
    if (!effects) {
        return false;
    }
    table.rows = core::predictedTruths(probe, *flow, *effects);
    return core::confirmWorst(session, probe, confirmed, memory, stop, progress, table.rows);
}

int run(SensitivityCommand command)
{
    if (command.options.samples == 0) {
        command.options.samples = kUsualSamples;
    }
    const auto plan = planOf(command.options);
    const app::Project project = openProject(command.options);
    core::Session& session = *project.session;
    const auto stop = interruption();
    const auto progress = progressOf(command.options);
    std::optional<io::EffectJournal> journal;
    core::EffectMemory memory;
    if (!command.journal.empty()) {
        journal.emplace(command.journal, session.model().sha256);
        memory = journal->memory();
    }
    core::OutputProbe probe(session, *plan, command.options.samples);
    if (!probe.begin(stop, progress)) {
        return cancelled();
    }
    SensitivityTable table;
    table.modelFile = session.model().file;
    table.modelSha256 = session.model().sha256;
    table.isSynthetic = session.data().evaluation->isSynthetic();
    table.outputs = probe.network().outputs;
    table.all = probe.base();
    table.method = command.method;
    const bool finished = command.method == "fast"
        ? measureFast(session, probe, command.confirm, memory, stop, progress, table)
        : measureExact(session, *plan, probe, memory, stop, progress, table);
    if (!finished) {
        return cancelled();
    }
    if (!table.flow) {
        table.flow = core::measureErrorFlow(probe, kFlowSamples, stop, progress);
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, tableToJson(table));
    }
    if (!command.options.quiet) {
        print(table, command.top);
    }
    return Done;
}

} // namespace

void addSensitivity(CLI::App& app, int& exitCode)
{
    auto command = std::make_shared<SensitivityCommand>();
    CLI::App* sub = app.add_subcommand("sensitivity",
                                       "What each operator's quantization does: to its own output, in the "
                                       "pipeline, and to the network's output");
    addRunOptions(*sub, command->options);
    sub->add_option("--method", command->method,
                    "exact: each operator alone, and all but it (default) | fast: all predicted from one "
                    "run, the worst measured")
        ->check(CLI::IsMember({"exact", "fast"}));
    sub->add_option("--confirm", command->confirm,
                    "Of --method fast: how many of the worst are measured exactly (5)");
    sub->add_option("--json", command->json, "Write the table (.json)");
    sub->add_option("--journal", command->journal,
                    "Keep every result in this file as it comes: the same command goes on there");
    sub->add_option("--top", command->top, "Print only the N operators that the output feels most");
    sub->callback([command, &exitCode] { exitCode = run(*command); });
}

} // namespace cli
