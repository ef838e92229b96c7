#include "app/common/export_difference.h"

#include "core/base/error.h"
#include "core/execution/executable_support.h"
#include "core/measure/prepared_network.h"
#include "io/exports/read_quantized_model.h"
#include "io/verify/execution.h"
#include "io/verify/written_runner.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <string>

namespace app {

namespace {

constexpr std::size_t kSamples = 4;

std::size_t fusedSums(const core::OperatorGraph& graph)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(graph.operators, [](const auto& op) { return op.residual.has_value(); }));
}

/// The plan with sums as its runtime has them.
core::QuantizationPlan asTheRuntime(const core::QuantizationPlan& plan)
{
    core::QuantizationPlan next = plan;
    next.defaults.fuseResidual.reset();
    for (auto& [name, settings] : next.operators) {
        settings.fuseResidual.reset();
    }
    return next;
}

using Outputs = std::map<std::string, core::Tensor>;

Outputs outputsOf(const core::PreparedNetwork& network, const core::Sample& sample)
{
    const core::OperatorGraph& graph = network.graph();
    core::SampleValues values(graph.graph->values().size());
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        (void)network.pipeline.runQuantized(core::OperatorId(i), network.plan, *network.forms[i], sample,
                                            values);
    }
    Outputs outputs;
    for (const core::ValueId id : graph.graph->outputs()) {
        if (graph.value(id).type != core::DataType::Float32 || !values[core::indexOf(id)].isDefined()) {
            continue;
        }
        const core::Tensor& value = values[core::indexOf(id)];
        const auto& resolved = network.plan.values[core::indexOf(id)];
        outputs[graph.value(id).name] = core::toLayout(
            network.plan.isCodes(graph, id) ? core::dequantized(value, resolved->params) : value,
            core::Layout::RowMajor);
    }
    return outputs;
}

struct Sums
{
    double error = 0.0;
    double signal = 0.0;

    void add(const core::Tensor& a, const core::Tensor& b)
    {
        const auto x = core::doublesOf(a);
        const auto y = core::doublesOf(b);
        for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
            error += (x[i] - y[i]) * (x[i] - y[i]);
            signal += x[i] * x[i];
        }
    }
};

std::map<std::string, Sums> compared(const Project& project, const core::QuantizationPlan& ours,
                                     const core::QuantizationPlan& theirs, const std::stop_token& stop)
{
    std::map<std::string, Sums> sums;
    const auto a = project.session->prepare(ours, stop, {});
    const auto b = a ? project.session->prepare(theirs, stop, {}) : nullptr;
    const auto& data = *project.data.evaluation;
    for (std::size_t i = 0; b && i < std::min(kSamples, data.size()) && !stop.stop_requested(); ++i) {
        const core::Sample sample = data.load(i);
        const Outputs left = outputsOf(*a, sample);
        for (const auto& [name, right] : outputsOf(*b, sample)) {
            sums[name].add(left.at(name), right);
        }
    }
    return sums;
}

std::vector<io::ExportLoss> differenceOfSums(const Project& project, const io::ExportSource& source,
                                             const std::stop_token& stop)
{
    const core::QuantizationPlan other = asTheRuntime(*source.plan);
    const std::size_t here = fusedSums(*source.graph);
    const std::size_t there = fusedSums(*project.session->operators(other));
    if (here == there) {
        return {};
    }
    const auto title = core::definitionOf(source.plan->runtime()).title;
    const std::string what = here > there
        ? fmt::format("{} residual sums are fused, {} rounds in front of them", here - there, title)
        : fmt::format("{} residual sums stand apart, {} fuses them", there - here, title);
    std::vector<io::ExportLoss> lines;
    for (const auto& [name, sums] : compared(project, *source.plan, other, stop)) {
        if (sums.error > 0.0) {
            lines.push_back({name,
                             fmt::format("{}: {:.1f} dB from what is reported here", what,
                                         10.0 * std::log10(sums.signal / sums.error))});
        }
    }
    return lines;
}

/// What the named losses come to when the file is run as it stands.
std::vector<io::ExportLoss> differenceOfFile(const Project& project, const io::ExportSource& source,
                                             const io::ExportFormat& format, const io::Export& made,
                                             const std::stop_token& stop)
{
    io::VerificationRequest request;
    request.format = &format;
    request.source = source;
    request.data = project.data.evaluation;
    request.labelsOutput = project.data.labelsOutput;
    request.samples = kSamples;
    request.operatorSamples = 0;
    std::vector<std::string> problems;
    io::WrittenRunner runner(made.files.at(0).content, "the export");
    const std::string tag = io::readQuantizedModel(made.files.at(0).content, "the export").tag;
    const auto execution = io::executeExport(request, runner, stop, problems, tag);
    std::vector<io::ExportLoss> lines;
    for (const io::OutputAgreement& output :
         execution ? execution->outputs : std::vector<io::OutputAgreement>{}) {
        if (output.sqnrDb) {
            lines.push_back(
                {output.name,
                 fmt::format("the file computes it {:.1f} dB from what is reported here", *output.sqnrDb)});
        }
    }
    return lines;
}

} // namespace

std::optional<std::vector<io::ExportLoss>>
exportDifferences(const Project& project, const io::ExportSource& source, const io::ExportFormat& format,
                  const io::Export& made, const std::stop_token& stop)
{
    std::vector<io::ExportLoss> lines = differenceOfSums(project, source, stop);
    if (format.isModel && !made.losses.empty()) {
        const auto more = differenceOfFile(project, source, format, made, stop);
        lines.insert(lines.end(), more.begin(), more.end());
    }
    return stop.stop_requested() ? std::nullopt : std::optional(std::move(lines));
}

} // namespace app
