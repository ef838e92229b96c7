#pragma once

#include "app/common/project.h"
#include "core/plan/plan.h"
#include "io/files/output_files.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace cli {

/// Exit codes of noisefloor-cli.
enum ExitCode : int
{
    Done = 0,
    CheckFailed = 1, ///< a --fail-if held, or a verify or conformance failed
    UsageError = 2,
    BadInput = 3,
    Cancelled = 4,
    Internal = 5,
};

/// An option that names what to write.
struct OutputOption
{
    const std::string* path;
    io::OutputKind kind;
};

/// What every command that runs a network takes.
struct RunOptions
{
    std::string model;
    std::string data;
    std::string plan;
    std::vector<std::string> settings; ///< --set
    std::vector<std::string> shapes; ///< --shape
    std::string collectors; ///< settings file with calibration collectors
    std::size_t samples = 0;
    int threads = 0;
    bool quiet = false;
    bool progress = false;
    std::vector<OutputOption> outputs; ///< what the command was told to write; filled by addOutput()
};

void addModel(CLI::App& command, RunOptions& options);
void addRunOptions(CLI::App& command, RunOptions& options);

/// An option that names a file or folder to write, so that it is checked before the work begins.
CLI::Option* addOutput(CLI::App& command, RunOptions& options, const std::string& name, std::string& path,
                       const std::string& help, io::OutputKind kind = io::OutputKind::File);

/// Throws core::Error where an output is an input or another output, or cannot be written. openProject() does
/// it; a command without a project does it itself, once its inputs are noted.
io::ClaimedOutputs claimOutputs(const RunOptions& options);

[[nodiscard]] app::ProjectRequest requestOf(const RunOptions& options);
[[nodiscard]] app::Project openProject(const RunOptions& options);
[[nodiscard]] std::shared_ptr<const core::QuantizationPlan> planOf(const RunOptions& options);

/// Progress lines on stderr where asked for.
[[nodiscard]] core::ProgressCallback progressOf(const RunOptions& options);

/// Set by Ctrl-C, SIGTERM and SIGHUP. A command that asks for it ends by itself; any other is ended.
[[nodiscard]] std::stop_token interruption();

/// From here on a signal is noticed; for the start of the process.
void watchSignals();

/// Says how many lines of a journal were damaged and are done anew.
void warnOfLostLines(const std::string& journal, std::size_t lost);

/// Writes a file named on the command line and says so unless quiet.
void writeOutput(const RunOptions& options, const std::string& path, const std::string& content);

// One per command; each adds its subcommand, whose callback stores the exit code.
void addInspect(CLI::App& app, int& exitCode);
void addRun(CLI::App& app, int& exitCode);
void addCalibrate(CLI::App& app, int& exitCode);
void addListMethods(CLI::App& app, int& exitCode);
void addImportRanges(CLI::App& app, int& exitCode);
void addCompare(CLI::App& app, int& exitCode);
void addExport(CLI::App& app, int& exitCode);
void addVerify(CLI::App& app, int& exitCode);
void addDump(CLI::App& app, int& exitCode);
void addSession(CLI::App& app, int& exitCode);
void addMethods(CLI::App& app, int& exitCode);
void addDiagnose(CLI::App& app, int& exitCode);
void addImport(CLI::App& app, int& exitCode);
void addConformance(CLI::App& app, int& exitCode);
void addSensitivity(CLI::App& app, int& exitCode);
void addSearch(CLI::App& app, int& exitCode);
void addBisect(CLI::App& app, int& exitCode);
void addRepair(CLI::App& app, int& exitCode);
void addHelp(CLI::App& app, int& exitCode);

} // namespace cli
