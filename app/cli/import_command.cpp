#include "app/cli/options.h"
#include "core/error.h"
#include "core/written_plan.h"
#include "io/plan_json.h"

#include <fmt/core.h>
#include <memory>

namespace cli {

namespace {

struct ImportCommand
{
    RunOptions options;
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
core::QuantizationPlan planOf(const core::OperatorGraph& graph, const core::ResolvedPlan& resolved)
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

int run(const ImportCommand& command)
{
    const app::Project project = openProject(command.options);
    if (!project.written) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("{}: holds no QuantizeLinear, DequantizeLinear or QLinear operator: there is "
                                      "nothing to import",
                                      project.model->file));
    }
    const auto asWritten = core::QuantizationPlan::makeWritten();
    const std::stop_token stop = interruption();
    const auto resolved = project.session->resolve(asWritten, stop, progressOf(command.options));
    if (!resolved) {
        fmt::print(stderr, "noisefloor-cli: cancelled\n");
        return Cancelled;
    }
    const auto plan = planOf(*project.session->operators(asWritten), *resolved);
    writeOutput(command.options, command.output, io::planToJson(plan));
    return Done;
}

} // namespace

void addImport(CLI::App& app, int& exitCode)
{
    auto command = std::make_shared<ImportCommand>();
    CLI::App* sub = app.add_subcommand("import", "Turn the ranges of an already-quantized model (QDQ, QOperator) into a plan");
    addModel(*sub, command->options);
    sub->add_option("--data", command->options.data, "Data description, as for run; without it inputs are random");
    sub->add_option("--shape", command->options.shapes, "NAME=1,3,320,320 for an input with dynamic dimensions")->take_all();
    sub->add_option("--output", command->output, "The plan (.json)")->required();
    sub->callback([command, &exitCode] { exitCode = run(*command); });
}

} // namespace cli
