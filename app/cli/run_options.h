#pragma once

#include "app/cli/options.h"
#include "app/common/project.h"
#include "core/plan/plan.h"
#include "io/files/output_files.h"

#include <memory>
#include <string>
#include <vector>

namespace cli {

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
    std::string profile; ///< --profile: a target's name or file; empty: none
    std::vector<std::string> shapes; ///< --shape
    std::string collectors; ///< settings file with calibration collectors
    std::size_t samples = 0;
    std::size_t calibrationSamples = 0;
    std::string shadow = "inputs"; ///< what isolated errors are measured on; or "pipeline" as well
    int threads = 0;
    std::string memory; ///< --memory: a size, empty for core::defaultMemoryBytes()
    bool runsAgain = true; ///< false for a command that runs every sample once
    bool quiet = false;
    bool progress = false;
    std::vector<OutputOption> outputs; ///< what the command was told to write; filled by addOutput()
};

void addModel(Options& all, RunOptions& options);
void addRunOptions(Options& all, RunOptions& options);
/// The same without model and data, of commands that run several networks.
void addPlanOptions(Options& all, RunOptions& options);
/// --calibration-samples, of commands that calibrate.
void addCalibrationSamples(Options& all, RunOptions& options);

/// --shadow, of commands that measure the errors of operators.
void addShadow(Options& all, RunOptions& options);

/// An option that names a file or folder to write, so that it is checked before the work begins.
Option& addOutput(Options& all, RunOptions& options, const std::string& name, std::string& path,
                  const std::string& help, io::OutputKind kind = io::OutputKind::File);

/// Throws core::Error where an output is an input or another output, or cannot be written. openProject() does
/// it; a command without a project does it itself, once its inputs are noted.
io::ClaimedOutputs claimOutputs(const RunOptions& options);

[[nodiscard]] app::ProjectRequest requestOf(const RunOptions& options);
[[nodiscard]] app::Project openProject(const RunOptions& options);
[[nodiscard]] std::shared_ptr<const core::QuantizationPlan> planOf(const RunOptions& options);
/// The same, its selectors bound to the model's operators and, with --profile, brought to what that target
/// takes; what changes is said on stderr.
[[nodiscard]] std::shared_ptr<const core::QuantizationPlan>
boundTo(const app::Project& project, const RunOptions& options,
        const std::shared_ptr<const core::QuantizationPlan>& plan);

/// Progress lines on stderr where asked for.
[[nodiscard]] core::ProgressCallback progressOf(const RunOptions& options);

/// Says how many lines of a journal were damaged and are done anew.
void warnOfLostLines(const std::string& journal, std::size_t lost);

/// Writes a file named on the command line and says so unless quiet.
void writeOutput(const RunOptions& options, const std::string& path, const std::string& content);

} // namespace cli
