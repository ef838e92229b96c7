#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/common/saved_session.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/report/non_finite.h"
#include "io/files/file.h"
#include "io/reports/report_json.h"
#include "io/session/session_file.h"

#include <algorithm>
#include <filesystem>
#include <fmt/core.h>

namespace cli {

namespace {

struct SessionCommand
{
    std::string file;
    std::int64_t run = 0; ///< 0: the last
    std::string model;
    std::string report;
    std::string csv;
    bool quiet = false;
};

const io::SavedRun& chosenRun(const io::SessionFile& session, std::int64_t number)
{
    const auto found = number == 0 && !session.runs.empty()
        ? std::prev(session.runs.end())
        : std::ranges::find(session.runs, number, &io::SavedRun::number);
    if (found == session.runs.end()) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("the session has {} runs, none of number {}", session.runs.size(), number));
    }
    return *found;
}

/// Whether the model is still what the session was saved with, in words behind its path.
std::string stateOf(const std::filesystem::path& model, const io::SessionFile& session)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(model, error)) {
        return "  (not there: name it with --model)";
    }
    return io::sha256(io::readFile(model)) == session.modelSha256
        ? ""
        : "  (changed: not the model that the session was saved with)";
}

void printRuns(const io::SessionFile& session, const std::filesystem::path& model)
{
    fmt::print("model {}{}\ndata  {}\n{} plans in the history, {} tensors with statistics, {} runs\n",
               model.string(), stateOf(model, session),
               session.data.empty() ? "synthetic" : session.data.string(), session.history.size(),
               session.calibration.size(), session.runs.size());
    for (const io::SavedRun& run : session.runs) {
        const auto& outputs = run.report->outputs;
        const std::string sqnr = outputs.empty() ? "-" : core::decibelWords(outputs.back().error);
        fmt::print("{}{:>4}  {}  {:>8} dB  {}{}{}\n", session.baseline == run.number ? "*" : " ", run.number,
                   run.finished, sqnr, run.label, run.note.empty() ? "" : ": ", run.note);
    }
}

int run(const SessionCommand& command)
{
    RunOptions options;
    options.model = command.file;
    options.quiet = command.quiet;
    options.outputs = {{&command.report, io::OutputKind::File}, {&command.csv, io::OutputKind::File}};
    claimOutputs(options);
    const io::SessionFile session = io::readSession(command.file);
    for (const std::string& lost : session.lost) {
        fmt::print(stderr, "noisefloor-cli: {} is damaged; lost: {}\n", command.file, core::printable(lost));
    }
    if (!command.report.empty()) {
        writeOutput(options, command.report, io::reportToJson(*chosenRun(session, command.run).report));
    }
    if (!command.csv.empty()) {
        writeOutput(options, command.csv, io::reportToCsv(*chosenRun(session, command.run).report));
    }
    if (!command.quiet) {
        printRuns(session,
                  command.model.empty() ? app::movedFile(session.model, session.folder)
                                        : std::filesystem::path(command.model));
    }
    return Done;
}

void addOptions(Options& options, SessionCommand& command)
{
    options.value("file", &command.file, "Session file (.nfs)").required();
    options.value("--run", &command.run, "Number of the run (default: the last)");
    options.value("--model", &command.model, "Where the model lies now, if it was moved");
    options.value("--report", &command.report, "Write the run's report (.json)");
    options.value("--csv", &command.csv, "Write one line per operator (.csv)");
    options.flag("--quiet", command.quiet, "Print nothing but errors");
}

} // namespace

Command sessionCommand()
{
    return makeCommand<SessionCommand>(
        "session", "List the runs of a session file and write their reports; computes nothing", addOptions,
        run);
}

} // namespace cli
