#include "app/cli/command.h"
#include "app/cli/fail_if.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/metrics/metric_task.h"
#include "core/report/metric_words.h"
#include "core/report/non_finite.h"
#include "core/search/precision_search.h"
#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "io/plans/profile_json.h"
#include "io/reports/metric_json.h"
#include "io/reports/search_journal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct SearchCommand
{
    RunOptions options;
    core::SearchGoal goal;
    std::string target; ///< --target: a bound in the terms of --fail-if
    std::size_t trials = 100;
    bool keepsGranularity = false;
    std::string journal;
    std::string output;
    std::string json;
};

std::string numberOr(const std::optional<double>& number, const char* none)
{
    return number ? fmt::format("{:.2f}", *number) : none;
}

/// Of the user's own number where there is one, else of top-1.
std::optional<double> lossOf(const core::Trial& trial)
{
    return trial.metric ? std::optional(trial.metric->drop) : trial.top1Drop;
}

std::string metricWords(const core::OutputEffect::MetricLoss& metric)
{
    return fmt::format("{} lost {:.4g}{}", metric.kind, metric.drop,
                       metric.interval ? ", " + core::intervalWords(*metric.interval) : "");
}

/// "cer_drop<0.5", "map_drop.upper<1", "top1_drop<1", "output.sqnr_db>30".
core::SearchGoal goalOf(const std::string& text, const core::MetricTask* task)
{
    const auto fail = [&](const std::string& why) {
        throw core::Error(core::ErrorKind::Usage, fmt::format("--target '{}': {}", text, why));
    };
    const FailIf parsed = parseFailIf(text);
    if (parsed.size() != 1 || parsed[0].size() != 1) {
        fail("a single comparison is expected");
    }
    const Comparison& c = parsed[0][0];
    core::SearchGoal goal;
    if (c.quantity == "output.sqnr_db" && c.op.starts_with('>')) {
        goal.sqnrDb = c.value;
        return goal;
    }
    if (!c.op.starts_with('<')) {
        fail("a loss is bounded by < or <=, output.sqnr_db by >");
    }
    goal.isOfUpperEnd = c.quantity.ends_with(".upper");
    const std::string base = c.quantity.substr(0, c.quantity.size() - (goal.isOfUpperEnd ? 6 : 0));
    const std::string own = task ? task->metric->info().kind + "_drop" : std::string();
    if (task && (base == own || base == "metric_drop")) {
        goal.metricDrop = c.value;
    } else if (base == "top1_drop" && !goal.isOfUpperEnd) {
        goal.top1Drop = c.value;
    } else {
        fail(
            task
                ? fmt::format("known are output.sqnr_db, top1_drop and {}, the latter also with .upper", own)
                : "known are output.sqnr_db and top1_drop; others need a \"metric\" in the data description");
    }
    return goal;
}

Json jsonOf(const core::Trial& trial)
{
    Json json{{"trial", trial.number},
              {"what", trial.what},
              {"int8_macs", trial.int8Share},
              {"sqnr_db", trial.sqnrDb ? Json(*trial.sqnrDb) : Json(nullptr)},
              {"top1_drop", trial.top1Drop ? Json(*trial.top1Drop) : Json(nullptr)},
              {"plan", Json::parse(io::planToJson(trial.plan))}};
    if (const auto& metric = trial.metric) {
        json["metric"] = {{"kind", metric->kind},
                          {"drop", metric->drop},
                          {"interval", io::intervalToJson(metric->interval)}};
    }
    if (trial.sqnrDb && !std::isfinite(*trial.sqnrDb)) {
        json["non_finite"] = true;
    }
    return json;
}

std::string stateToJson(const core::Session& session, const SearchCommand& command,
                        const core::SearchState& state, std::size_t samples)
{
    Json json{{"format", "noisefloor-search/1"},
              {"model", {{"file", session.model().file}, {"sha256", session.model().sha256}}},
              {"samples", samples},
              {"trials", state.trials.size()},
              {"finished", state.isFinished},
              {"reached", core::reaches(state.trials[state.best], command.goal)},
              {"best", jsonOf(state.trials[state.best])},
              {"front", Json::array()}};
    for (const std::size_t i : state.front) {
        json["front"].push_back(jsonOf(state.trials[i]));
    }
    return json.dump(1) + "\n";
}

/// Writes the journal, then the best plan, then the line on the screen: what is seen is on disk.
class Follower
{
public:
    Follower(const SearchCommand& command, io::SearchJournal* journal)
        : m_command(command)
        , m_journal(journal)
    {
    }

    void operator()(const core::SearchState& state)
    {
        if (state.isFinished) {
            return; // said after its last trial
        }
        if (m_journal) {
            m_journal->record(state);
        }
        if (!m_command.output.empty() && (!m_saved || *m_saved != state.best)) {
            io::writeFileAtomically(m_command.output, io::planToJson(state.trials[state.best].plan));
            m_saved = state.best;
        }
        if (!m_command.options.quiet) {
            const core::Trial& trial = state.trials.back();
            const bool isFront = std::ranges::find(state.front, state.trials.size() - 1) != state.front.end();
            fmt::print("{:>5}{:>9.2f}{:>10}{:>9}  {}{}{}{}\n", trial.number, 100.0 * trial.int8Share,
                       core::decibelWords(trial.sqnrDb), numberOr(lossOf(trial), "-"), trial.what,
                       isFront ? "  [front]" : "", state.best + 1 == state.trials.size() ? "  [best]" : "",
                       trial.isKnown ? "  (journal)" : "");
            std::fflush(stdout); // trials come one by one
        }
    }

private:
    const SearchCommand& m_command;
    io::SearchJournal* m_journal;
    std::optional<std::size_t> m_saved;
};

void printFront(const core::SearchState& state, const core::SearchGoal& goal, std::size_t samples)
{
    fmt::print("\nfront: share of MACs in int8 against output error, over {} samples\n", samples);
    for (const std::size_t i : state.front) {
        const core::Trial& trial = state.trials[i];
        fmt::print("{:>8.2f} %{:>12}{:>16}  {}\n", 100.0 * trial.int8Share,
                   core::decibelWords(trial.sqnrDb) + (trial.sqnrDb ? " dB" : ""),
                   trial.metric         ? "  " + metricWords(*trial.metric)
                       : trial.top1Drop ? fmt::format("{:.2f} points", *trial.top1Drop)
                                        : "",
                   trial.what);
    }
    fmt::print("{} after {} trials: trial {}{}\n",
               core::reaches(state.trials[state.best], goal) ? "goal reached" : "goal not reached",
               state.trials.size(), state.best + 1, state.isFinished ? "" : "; more trials may find better");
}

int run(const SearchCommand& given)
{
    SearchCommand command = given;
    const int goals = command.goal.sqnrDb.has_value() + command.goal.top1Drop.has_value()
        + command.goal.int8Share.has_value() + !command.target.empty();
    if (goals > 1) {
        throw core::Error(core::ErrorKind::Usage,
                          "search: give one of --target, --target-sqnr, --target-top1-drop and --int8-macs");
    }
    if (goals == 0) {
        command.goal.int8Share = 0.9;
    }
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    if (!command.target.empty()) {
        command.goal = goalOf(command.target, project.data.metric.get());
    }
    const auto plan = boundTo(project, command.options, asked);
    core::Session& session = *project.session;
    const core::Dataset& data = *session.data().evaluation;
    const std::size_t samples =
        command.options.samples > 0 ? std::min(command.options.samples, data.size()) : data.size();
    std::optional<io::SearchJournal> journal;
    core::EffectMemory memory;
    if (!command.journal.empty()) {
        journal.emplace(
            command.journal,
            io::SearchSubject{session.model().sha256, data.fingerprint(), samples, *plan, command.goal});
        warnOfLostLines(command.journal, journal->lost());
        memory = journal->memory();
    }
    if (!command.options.quiet) {
        fmt::print("{:>5}{:>9}{:>10}{:>9}  step (drop: {}; {} samples per trial)\n", "trial", "int8 %",
                   "SQNR dB", "drop",
                   project.data.metric ? "what is lost of " + project.data.metric->metric->info().name
                                       : "points of top-1",
                   samples);
    }
    core::SearchOptions options;
    options.goal = command.goal;
    options.samples = samples;
    options.trials = command.trials;
    options.keepsGranularity = command.keepsGranularity;
    if (!command.options.profile.empty()) {
        options.kept = [&session, profile = io::profileOf(command.options.profile)](
                           const core::QuantizationPlan& wished) {
            return core::fitted(profile, *session.operators(wished), wished);
        };
    }
    Follower follower(command, journal ? &*journal : nullptr);
    const std::stop_token stop = interruption();
    const auto state =
        core::searchPrecision(session, *plan, options, memory, stop, progressOf(command.options),
                              [&](const core::SearchState& s) { follower(s); });
    if (state && !command.json.empty()) {
        writeOutput(command.options, command.json, stateToJson(session, command, *state, samples));
    }
    if (!state || stop.stop_requested()) {
        fmt::print(stderr, "noisefloor-cli: cancelled{}\n",
                   command.journal.empty() ? "" : "; the same command goes on where it stopped");
        return Cancelled;
    }
    if (!command.options.quiet) {
        printFront(*state, command.goal, samples);
    }
    return Done;
}

void addOptions(Options& options, SearchCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--target-sqnr", &command.goal.sqnrDb, "Output SQNR to reach, in dB");
    options.value(
        "--target", &command.target,
        "What to reach in the terms of --fail-if: \"cer_drop<0.5\", \"map_drop.upper<1\" (the metric "
        "of the data description), \"output.sqnr_db>30\"");
    options.value("--target-top1-drop", &command.goal.top1Drop,
                  "Points of top-1 that may be lost, of the evaluation data");
    options
        .value("--int8-macs", &command.goal.int8Share,
               "Share of the multiply-accumulates to keep in int8 with as little error as possible (default "
               "0.9)")
        .must(Within<double>{0.0, 1.0});
    options.value("--trials", &command.trials, "Plans to measure at most (100)").must(Positive{});
    options.flag("--keep-granularity", command.keepsGranularity,
                 "Try no weights per channel: for targets that have none");
    addOutput(options, command.options, "--journal", command.journal,
              "Keep every trial in this file as it comes: the same command goes on there, after kill -9 too");
    addOutput(options, command.options, "--output", command.output,
              "Write the best plan so far (.json), whole at any moment");
    addOutput(options, command.options, "--json", command.json, "Write the front with its plans (.json)");
}

} // namespace

Command searchCommand()
{
    return makeCommand<SearchCommand>(
        "search",
        "Find a method and a precision for each operator that reach a target with as much int8 as possible",
        addOptions, run);
}

} // namespace cli
