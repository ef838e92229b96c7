#include "app/cli/run_options.h"

#include "app/cli/target.h"
#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "io/files/file.h"
#include "io/files/input_files.h"
#include "io/plans/plan_json.h"
#include "io/plans/profile_json.h"

#include <fmt/core.h>

namespace cli {

namespace {

/// Inputs that are known before anything is read.
void noteInputs(const RunOptions& options)
{
    for (const std::string& path :
         {options.model, options.data, options.plan, options.collectors, options.profile}) {
        if (!path.empty()) {
            io::noteInput(std::filesystem::path(path));
        }
    }
}

} // namespace

Option& addOutput(Options& all, RunOptions& options, const std::string& name, std::string& path,
                  const std::string& help, io::OutputKind kind)
{
    options.outputs.push_back({&path, kind});
    return all.value(name, &path, help);
}

io::ClaimedOutputs claimOutputs(const RunOptions& options)
{
    noteInputs(options);
    io::ClaimedOutputs claimed;
    for (const OutputOption& output : options.outputs) {
        claimed.claim(*output.path, output.kind);
    }
    return claimed;
}

namespace {

void addThreads(Options& all, RunOptions& options)
{
    all.value("--threads", &options.threads, "Samples processed side by side (0: one per core)")
        .must(Within<int>{0, 1024});
    all.value(
        "--memory", &options.memory,
        "How much memory to use, about, as 512M or 2G (default: 1G, or a quarter of a machine with less than "
        "4G); what does not fit is computed again");
    all.flag("--quiet", options.quiet, "Print nothing but errors");
    all.flag("--progress", options.progress, "Print progress on stderr");
}

void addPlan(Options& all, RunOptions& options)
{
    all.value("--plan", &options.plan, "Quantization plan (.json)");
    all.list(
        "--set", options.settings,
        "KEY=VALUE into the plan's defaults, OPERATOR::KEY=VALUE into one operator, or into those that a "
        "selector picks (conv*, /conv[0-9]+$/, type:Conv, Conv>Conv, #3: see help plan); fusion=off "
        "keeps every ONNX node apart");
    all.value("--profile", &options.profile,
              "Keep the plan to what a target can run: a name of profile list, or a file of your own");
    all.list(
        "--shape", options.shapes,
        "NAME=1,3,320,320 for an input with open dimensions, batch=1,sequence=128 for dimensions that the "
        "model names, in every input");
    all.value("--collectors", &options.collectors,
              "Settings file whose collectors a plan, and whose metrics a data description may name as "
              "custom:NAME (default: your own settings)");
    all.value("--samples", &options.samples, "Evaluate only the first N samples").must(NotNegative{});
}

} // namespace

void addModel(Options& all, RunOptions& options)
{
    all.value("model", &options.model, "ONNX model").required();
    addThreads(all, options);
}

void addRunOptions(Options& all, RunOptions& options)
{
    addModel(all, options);
    all.value("--data", &options.data, "Data description (.json), folder of images, .h5, .npy or .npz");
    addPlan(all, options);
}

void addPlanOptions(Options& all, RunOptions& options)
{
    addThreads(all, options);
    addPlan(all, options);
}

void addCalibrationSamples(Options& all, RunOptions& options)
{
    all.value("--calibration-samples", &options.calibrationSamples, "Calibrate on the first N samples only")
        .must(NotNegative{});
}

void addShadow(Options& all, RunOptions& options)
{
    all.value("--shadow", &options.shadow,
              "inputs: an operator's own error is taken on quantized FP32 inputs; pipeline: also on what "
              "the quantized pipeline really hands it, as DNNLOWP measures (not kept in session files)")
        .must(OneOf{{"inputs", "pipeline"}});
}

app::ProjectRequest requestOf(const RunOptions& options)
{
    app::ProjectRequest request;
    request.model = options.model;
    request.data = options.data;
    for (const std::string& shape : options.shapes) {
        request.shapes.merge(app::parseShapes(shape));
    }
    request.settings = options.collectors;
    request.calibrationSamples = options.calibrationSamples;
    request.options.threads = options.threads;
    request.options.sampleLimit = options.samples;
    request.options.keepsActivations = options.runsAgain;
    if (!options.memory.empty()) {
        request.options.cacheBytes = core::cacheBytesOf(core::parseBytes(options.memory));
    }
    request.options.pipelineShadow = options.shadow == "pipeline";
    return request;
}

app::Project openProject(const RunOptions& options)
{
    const io::ClaimedOutputs claimed = claimOutputs(options);
    app::Project project = app::openProject(requestOf(options));
    claimed.refuseInputs();
    return project;
}

std::shared_ptr<const core::QuantizationPlan> planOf(const RunOptions& options)
{
    core::QuantizationPlan plan =
        options.plan.empty() ? app::defaultPlan(options.model) : io::readPlan(options.plan);
    for (const std::string& setting : options.settings) {
        plan = io::withSetting(plan, setting);
    }
    return std::make_shared<const core::QuantizationPlan>(std::move(plan));
}

std::shared_ptr<const core::QuantizationPlan>
boundTo(const app::Project& project, const RunOptions& options,
        const std::shared_ptr<const core::QuantizationPlan>& plan)
{
    const auto bound =
        core::mayHaveSelectors(*plan) ? core::boundTo(*project.session->operators(*plan), plan) : plan;
    return options.profile.empty()
        ? bound
        : keptToTarget(project, io::profileOf(options.profile), bound, options.quiet);
}

core::ProgressCallback progressOf(const RunOptions& options)
{
    if (!options.progress || options.quiet) {
        return {};
    }
    return [](const core::Progress& progress) {
        fmt::print(stderr, "\r{} {}/{}{}", progress.stage, progress.done, progress.total,
                   progress.done == progress.total ? "\n" : "");
    };
}

void warnOfLostLines(const std::string& journal, std::size_t lost)
{
    if (lost > 0) {
        fmt::print(stderr, "warning: {}: {} damaged lines are left out, what they held is measured again\n",
                   journal, lost);
    }
}

void writeOutput(const RunOptions& options, const std::string& path, const std::string& content)
{
    io::writeFileAtomically(path, content);
    if (!options.quiet) {
        fmt::print("wrote {}\n", path);
    }
}

} // namespace cli
