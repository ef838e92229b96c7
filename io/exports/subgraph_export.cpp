#include "io/exports/subgraph_export.h"

#include "core/base/error.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/plans/plan_json.h"
#include "io/reports/npy_writer.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace io {

namespace {

using core::kNoValue;
using core::NodeId;
using core::ValueId;

/// Nodes of the operators, and those before them that fusion looked through (Identity and the like), in
/// order.
std::set<std::size_t> nodesOf(const core::OperatorGraph& graph, const core::FailingSubgraph& part)
{
    std::set<std::size_t> nodes;
    std::vector<std::size_t> open;
    for (const core::OperatorId id : part.operators) {
        for (const NodeId node : graph.at(id).nodes) {
            open.push_back(core::indexOf(node));
        }
    }
    const core::Graph& g = *graph.graph;
    while (!open.empty()) {
        const std::size_t index = open.back();
        open.pop_back();
        if (!nodes.insert(index).second) {
            continue;
        }
        for (const ValueId input : g.nodes()[index].inputs) {
            if (input == kNoValue || g.value(input).constant
                || std::ranges::find(part.inputs, input) != part.inputs.end()) {
                continue;
            }
            if (const auto producer = g.value(input).producer) {
                open.push_back(core::indexOf(*producer));
            }
        }
    }
    return nodes;
}

core::Tensor stacked(const std::vector<core::Tensor>& tensors)
{
    core::Shape shape = tensors.front().shape();
    if (shape.empty()) {
        shape = {1};
    }
    shape[0] *= static_cast<std::int64_t>(tensors.size());
    core::TensorBuilder builder(tensors.front().type(), shape);
    std::byte* to = builder.data();
    for (const core::Tensor& tensor : tensors) {
        const core::Tensor rows = core::toLayout(tensor, core::Layout::RowMajor);
        std::memcpy(to, rows.data(), rows.byteCount());
        to += rows.byteCount();
    }
    return std::move(builder).finish();
}

} // namespace

std::string subgraphModel(const core::OperatorGraph& graph, const core::FailingSubgraph& part)
{
    const core::Graph& g = *graph.graph;
    OnnxWriter writer;
    for (const ValueId id : part.inputs) {
        writer.input(g.value(id).name, g.value(id).type, g.value(id).shape);
    }
    writer.output(g.value(part.output).name, g.value(part.output).type, g.value(part.output).shape);
    int opset = 1;
    for (const std::size_t index : nodesOf(graph, part)) {
        const core::Node& node = g.nodes()[index];
        opset = node.domain.empty() ? std::max(opset, node.version) : opset;
        std::vector<std::string> inputs;
        for (const ValueId id : node.inputs) {
            inputs.push_back(id == kNoValue ? "" : g.value(id).name);
            if (id != kNoValue && g.value(id).constant
                && std::ranges::find(part.inputs, id) == part.inputs.end()) {
                writer.initializer(inputs.back(), *g.value(id).constant);
            }
        }
        std::vector<std::string> outputs;
        for (const ValueId id : node.outputs) {
            outputs.push_back(id == kNoValue ? "" : g.value(id).name);
        }
        writer.node(node.type, node.name, inputs, outputs, node.attributes, node.domain);
    }
    return writer.finish(g.name(), opset);
}

void writeFailingSubgraph(const std::filesystem::path& folder, const core::OutputProbe& probe,
                          const core::FailingSubgraph& part)
{
    const core::PreparedNetwork& network = probe.network();
    if (!network.graph().options.equalize.isEmpty()) {
        throw core::Error(core::ErrorKind::Usage,
                          "bisect: a plan with weight.equalize rewrites the operators, so that no part can "
                          "be cut out of the model: "
                          "take the entry out");
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw core::Error(core::ErrorKind::Io,
                          fmt::format("cannot make {}: {}", folder.string(), error.message()));
    }
    std::vector<std::vector<core::Tensor>> inputs(part.inputs.size());
    std::vector<core::Tensor> fp32;
    std::vector<core::Tensor> quantized;
    for (std::size_t i = 0; i < part.samples; ++i) {
        const core::OutputProbe::Values values = probe.values(i);
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            inputs[k].push_back(values.fp32[core::indexOf(part.inputs[k])]);
        }
        fp32.push_back(values.fp32[core::indexOf(part.output)]);
        quantized.push_back(core::outputAlone(network, values, part.operators));
    }
    nlohmann::ordered_json data{{"format", "noisefloor-data/1"}, {"inputs", nlohmann::ordered_json::array()}};
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        const std::string file = fmt::format("input_{}.npy", k);
        writeFileAtomically(folder / file, tensorToNpy(stacked(inputs[k])));
        data["inputs"].push_back(
            {{"name", network.graph().value(part.inputs[k]).name}, {"kind", "npy"}, {"path", file}});
    }
    writeFileAtomically(folder / "fp32.npy", tensorToNpy(stacked(fp32)));
    writeFileAtomically(folder / "quantized.npy", tensorToNpy(stacked(quantized)));
    writeFileAtomically(folder / "data.json", data.dump(1) + "\n");
    writeFileAtomically(folder / "plan.json", planToJson(core::planOfPart(network, part)));
    writeFileAtomically(folder / "subgraph.onnx", subgraphModel(network.graph(), part));
}

} // namespace io
