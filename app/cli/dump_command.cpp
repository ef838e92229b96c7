#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/reports/dump.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

namespace cli {

namespace {

struct DumpCommand
{
    RunOptions options;
    std::vector<std::string> operators; ///< empty: all
    std::size_t sample = 0;
    std::string format = "hdf5";
    std::string output;
};

/// The codes that a dequantized tensor stands for; exact, as each of its values is scale × (code − zero
/// point).
core::Tensor codesOf(const core::Tensor& real, const core::QuantizationParams& params)
{
    const core::Tensor rows = core::toLayout(real, core::Layout::RowMajor);
    core::TensorBuilder wide(core::DataType::Int32, rows.shape());
    const auto from = rows.as<float>();
    const auto to = wide.as<std::int32_t>();
    for (std::size_t i = 0; i < to.size(); ++i) {
        to[i] = static_cast<std::int32_t>(std::lround(from[i] / params.scale[0])) + params.zeroPoint[0];
    }
    return core::castTo(std::move(wide).finish(), params.type);
}

template <typename Code>
core::Tensor weightCodes(const core::Shape& shape, const std::vector<Code>& codes)
{
    return core::makeTensor<Code>(shape, codes);
}

void addWeights(const core::Operator& op, const core::QuantizedWeights& weights,
                std::vector<io::DumpedTensor>& dump)
{
    for (const auto& constant : op.constants) {
        if (constant && constant->count() == static_cast<std::int64_t>(weights.codeCount())) {
            dump.push_back({op.name, "weights", *constant, {}, {}});
            dump.push_back({op.name, "weight_codes",
                            weights.codes.empty() ? weightCodes(constant->shape(), weights.wideCodes)
                                                  : weightCodes(constant->shape(), weights.codes),
                            weights.params.scale, weights.params.zeroPoint});
            return;
        }
    }
}

std::vector<core::OperatorId> chosen(const DumpCommand& command, const core::OperatorGraph& graph)
{
    std::vector<core::OperatorId> ids;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        names.push_back(graph.operators[i].name);
        if (command.operators.empty()) {
            ids.push_back(core::OperatorId(i));
        }
    }
    for (const std::string& name : command.operators) {
        const auto id = graph.find(name);
        if (!id) {
            throw core::Error(
                core::ErrorKind::Usage,
                fmt::format("--operator: none is named '{}'{}", name, core::nearMisses(name, names)));
        }
        ids.push_back(*id);
    }
    return ids;
}

int run(const DumpCommand& command)
{
    RunOptions options = command.options;
    options.outputs = {
        {&command.output, command.format == "hdf5" ? io::OutputKind::File : io::OutputKind::Folder}};
    const auto asked = planOf(options);
    const app::Project project = openProject(options);
    const auto plan = boundTo(project, options, asked);
    if (command.sample >= project.data.evaluation->size()) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--sample {}: the data has {} samples, from 0", command.sample,
                                      project.data.evaluation->size()));
    }
    const std::stop_token stop = interruption();
    const auto resolved = project.session->resolve(*plan, stop, progressOf(command.options));
    const auto graph = project.session->operators(*plan);
    std::vector<io::DumpedTensor> dump;
    for (const core::OperatorId id : chosen(command, *graph)) {
        const auto tensors =
            resolved ? project.session->tensors(plan, id, command.sample, stop) : std::nullopt;
        if (!tensors) {
            return cancelled();
        }
        const core::Operator& op = graph->at(id);
        const core::ResolvedOperator& own = resolved->operators[core::indexOf(id)];
        dump.push_back({op.name, "fp32", tensors->fp32, {}, {}});
        dump.push_back({op.name, "quantized", tensors->quantized, {}, {}});
        if (own.writesCodes) {
            const core::QuantizationParams& params = resolved->values[core::indexOf(op.result())]->params;
            dump.push_back(
                {op.name, "codes", codesOf(tensors->quantized, params), params.scale, params.zeroPoint});
        }
        if (own.weights) {
            addWeights(op, *own.weights, dump);
        }
    }
    const auto format = command.format == "hdf5" ? io::DumpFormat::Hdf5
        : command.format == "npy"                ? io::DumpFormat::Npy
                                                 : io::DumpFormat::MatrixMarket;
    io::writeDump(dump, format, command.output);
    if (!command.options.quiet) {
        fmt::print("wrote {} tensors of {} to {}\n", dump.size(),
                   project.data.evaluation->sampleName(command.sample), command.output);
    }
    return Done;
}

void addOptions(Options& options, DumpCommand& command)
{
    addRunOptions(options, command.options);
    options.list("--operator", command.operators, "Operator, or node fused into one (default: all)");
    options.value("--sample", &command.sample, "Index of the evaluation sample, from 0");
    options.value("--format", &command.format, "hdf5 (one file), npy or matrix-market (a folder)")
        .must(OneOf{{"hdf5", "npy", "matrix-market"}});
    options.value("--output", &command.output, "File or folder to write").required();
}

} // namespace

Command dumpCommand()
{
    return makeCommand<DumpCommand>(
        "dump", "Write tensors of one sample, FP32, dequantized and as codes, and weights with their codes",
        addOptions, run);
}

} // namespace cli
