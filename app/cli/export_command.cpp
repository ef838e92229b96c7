#include "app/cli/options.h"
#include "core/error.h"
#include "io/plan_json.h"
#include "io/qdq_export.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct ExportCommand
{
    RunOptions options;
    std::string format;
    std::string output;
};

int run(const ExportCommand& command)
{
    const auto plan = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto resolved = project.session->resolve(*plan, interruption(), progressOf(command.options));
    if (!resolved) {
        fmt::print(stderr, "noisefloor-cli: cancelled\n");
        return Cancelled;
    }
    if (command.format == "plan") {
        writeOutput(command.options, command.output, io::planToJson(*plan) + "\n");
        return Done;
    }
    const io::QdqModel model = io::exportQdq(*project.session->operators(*plan), *resolved, false);
    for (const std::string& loss : model.losses) {
        fmt::print(stderr, "not expressed: {}\n", loss);
    }
    writeOutput(command.options, command.output, model.bytes);
    return Done;
}

} // namespace

void addExport(CLI::App& app, int& exitCode)
{
    auto command = std::make_shared<ExportCommand>();
    CLI::App* sub = app.add_subcommand("export", "Write the tuned quantization for a deployment runtime");
    addRunOptions(*sub, command->options);
    sub->add_option("--format", command->format, "plan (our JSON) or qdq (ONNX with QuantizeLinear/DequantizeLinear)")
        ->required()
        ->check(CLI::IsMember({"plan", "qdq"}));
    sub->add_option("--output", command->output, "File to write")->required();
    sub->callback([command, &exitCode] { exitCode = run(*command); });
}

} // namespace cli
