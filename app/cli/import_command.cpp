#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/common/import_file.h"
#include "core/base/error.h"
#include "core/quantization/written_plan.h"
#include "io/files/input_files.h"
#include "io/plans/plan_json.h"

#include <fmt/core.h>
#include <memory>

namespace cli {

namespace {

struct ImportCommand
{
    RunOptions options;
    std::string format;
    std::string input;
    std::string output;
};

core::OperatorSettings settingsOf(const core::QuantizationParams& params)
{
    core::OperatorSettings settings;
    const bool isSymmetric = params.zeroPoint[0] == 0 && params.codes.lowest < 0;
    settings.activation.scheme = isSymmetric ? core::Scheme::Symmetric : core::Scheme::Asymmetric;
    settings.activation.method = core::CalibrationMethod{"manual", std::nullopt};
    settings.activation.range = params.range();
    if (isSymmetric) { // the scheme leaves the lowest code out
        settings.activation.range->min = -settings.activation.range->max;
    }
    return settings;
}

/// The ranges of a quantized model as wishes for its FP32 twin; what it leaves in float stays FP32.
core::QuantizationPlan writtenPlan(const core::OperatorGraph& graph, const core::ResolvedPlan& resolved)
{
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const core::ResolvedOperator& how = resolved.operators[i];
        const auto* params = core::writtenParams(graph, op.result());
        core::OperatorSettings settings;
        if (how.kind == core::QuantizedKind::None && (op.type == "Input" ? !how.writesCodes : true)) {
            settings.precision = core::kFp32;
        } else if (params && !how.inherits) {
            settings = settingsOf(*params);
        }
        if (how.weights) {
            const bool perChannel = how.weights->params.isPerChannel();
            settings.weight.granularity = core::Granularity{
                perChannel ? core::Granularity::Kind::PerChannel : core::Granularity::Kind::PerTensor, 0};
        }
        if (!settings.isEmpty()) {
            (op.type == "Input" ? plan.inputs : plan.operators)[op.name] = settings;
        }
    }
    return plan;
}

int importTable(const ImportCommand& command)
{
    if (command.format.empty()) {
        throw core::Error(core::ErrorKind::Usage, "import: --input needs --format, e.g. --format trt-cache");
    }
    io::noteInput(std::filesystem::path(command.input));
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto base = boundTo(project, command.options, asked);
    const io::ImportedPlan imported = app::importFile(project, *base, command.format, command.input);
    for (const io::ExportLoss& loss : imported.losses) {
        fmt::print(stderr, "not taken over: {}\n", io::toString(loss));
    }
    const auto plan =
        boundTo(project, command.options, std::make_shared<const core::QuantizationPlan>(imported.plan));
    writeOutput(command.options, command.output, io::planToJson(*plan));
    return Done;
}

int run(const ImportCommand& command)
{
    if (!command.input.empty()) {
        return importTable(command);
    }
    const app::Project project = openProject(command.options);
    if (!project.written) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("{}: holds no QuantizeLinear, DequantizeLinear or QLinear operator: there is "
                        "nothing to import",
                        project.model->file));
    }
    const auto asWritten = core::QuantizationPlan::makeWritten();
    const std::stop_token stop = interruption();
    const auto resolved = project.session->resolve(asWritten, stop, progressOf(command.options));
    if (!resolved) {
        return cancelled();
    }
    const auto plan = writtenPlan(*project.session->operators(asWritten), *resolved);
    writeOutput(command.options, command.output, io::planToJson(plan));
    return Done;
}

void addOptions(Options& options, ImportCommand& command)
{
    addRunOptions(options, command.options);
    std::string formats = "What --input is. One of";
    for (const app::ImportFormat& format : app::importFormats()) {
        formats += fmt::format("\n{} ({})", format.name, format.title);
    }
    options.value("--format", &command.format, formats);
    options.value("--input", &command.input,
                  "File of another tool; without it the model itself is a quantized one");
    addOutput(options, command.options, "--output", command.output, "The plan (.json)").required();
}

} // namespace

Command importCommand()
{
    return makeCommand<ImportCommand>("import",
                                      "Turn what another tool wrote for the model, or the ranges of an "
                                      "already-quantized model, into a plan",
                                      addOptions, run);
}

} // namespace cli
