#pragma once

#include "app/common/project.h"
#include "core/plan/plan.h"

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
};

void addModel(CLI::App& command, RunOptions& options);
void addRunOptions(CLI::App& command, RunOptions& options);

[[nodiscard]] app::ProjectRequest requestOf(const RunOptions& options);
[[nodiscard]] app::Project openProject(const RunOptions& options);
[[nodiscard]] std::shared_ptr<const core::QuantizationPlan> planOf(const RunOptions& options);

/// Progress lines on stderr where asked for.
[[nodiscard]] core::ProgressCallback progressOf(const RunOptions& options);

/// Set by Ctrl-C.
[[nodiscard]] std::stop_token interruption();

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
