#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"
#include "core/network/weight_layout.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace io {

namespace {

constexpr std::string_view kWeights = "_param_0";

bool hasTable(const core::Operator& op) { return op.type == "Conv" || op.type == "Gemm"; }

/// How many scales ncnn reads for the weights of an operator: one per result channel.
std::size_t scaleCount(const core::Operator& op)
{
    return core::WeightLayout(op.node, *op.constants[1]).channels();
}

/// Convolutions in groups have one scale per group.
bool hasGroups(const core::Operator& op)
{
    const auto groups = static_cast<std::size_t>(op.node.integer("group", 1));
    return op.type == "Conv" && groups > 1 && groups != scaleCount(op);
}

/// The table is words in lines.
void refuseSpaces(const std::string& op)
{
    if (op.find(' ') != std::string::npos) {
        throw core::Error(
            core::ErrorKind::InvalidModel,
            fmt::format("ncnn's table separates by spaces, the operator '{}' has one in its name: "
                        "rename it in the model",
                        op));
    }
}

/// "<op>_param_0 s0 s1 …" for weights and "<op> s" for what the operator reads; s = 127 / magnitude.
Export writeNcnn(const ExportSource& source)
{
    const core::OperatorGraph& graph = *source.graph;
    const EncodingTable table = encodingTable(graph, *source.resolved);
    Export result;
    std::string weights;
    std::string inputs;
    std::vector<std::string> written;
    for (const TensorEncoding& tensor : table.weights) {
        refuseSpaces(tensor.op);
        const auto id = graph.find(tensor.op);
        if (!id || !hasTable(graph.at(*id))) {
            result.losses.push_back({tensor.tensor, "ncnn has no int8 form of its operator: left out"});
            continue;
        }
        if (hasGroups(graph.at(*id))) {
            result.losses.push_back({tensor.op, "ncnn has one scale per group of a convolution: left out"});
            continue;
        }
        if (losesGroups(tensor, result.losses)) {
            continue;
        }
        if (!isSymmetric(tensor.params)) {
            result.losses.push_back(
                {tensor.op, "asymmetric weights become symmetric: left out, ncnn takes their maximum"});
            continue;
        }
        if (tensor.params.bits != 8) {
            result.losses.push_back(
                {tensor.op,
                 fmt::format("{} bits become 8: the same steps, clipped later", tensor.params.bits)});
        }
        weights += tensor.op + std::string(kWeights);
        const std::size_t channels = scaleCount(graph.at(*id));
        for (std::size_t c = 0; c < channels; ++c) {
            weights += " " + shortest(1.0f / tensor.params.scale[tensor.params.isPerChannel() ? c : 0]);
        }
        weights += "\n";
        const std::string& input = graph.value(graph.at(*id).inputs[0]).name;
        if (const TensorEncoding* read = table.activation(input)) {
            const float scale = isSymmetric(read->params) && read->params.bits == 8
                ? read->params.scale[0]
                : static_cast<float>(largestMagnitude(read->params) / 127.0);
            inputs += fmt::format("{} {}\n", tensor.op, shortest(1.0f / scale));
            written.push_back(input);
        }
    }
    for (const ExportLoss& loss : lossesOfSymmetricFormat(table)) {
        if (std::ranges::find(written, loss.item) != written.end()) {
            result.losses.push_back(loss);
        }
    }
    for (const TensorEncoding& tensor : table.activations) {
        if (std::ranges::find(written, tensor.tensor) == written.end()) {
            result.losses.push_back(
                {tensor.tensor, "only what a convolution or an inner product reads stands in the table"});
        }
    }
    append(result.losses, lossesOfFloatOperators(table, "ncnn keeps what the table does not name in float"));
    append(result.losses, lossesOfFoldedWeights(table));
    result.files = {{"", weights + inputs}};
    return result;
}

EncodingTable readNcnn(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    EncodingTable table;
    const auto lines = linesOf(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string_view line = lines[i];
        if (line.empty()) {
            continue;
        }
        const std::string name(line.substr(0, line.find(' ')));
        line.remove_prefix(std::min(line.size(), name.size() + 1));
        core::QuantizationParams params = symmetricParams(1.0, 8);
        params.scale.clear();
        params.zeroPoint.clear();
        while (!line.empty()) {
            const std::string_view word = line.substr(0, line.find(' '));
            line.remove_prefix(std::min(line.size(), word.size() + 1));
            const float inverse = word.empty() ? 1.0f : floatOf(word, file, i + 1);
            if (!(inverse > 0.0f)) {
                refuseLine(file, i + 1, "scales are positive");
            }
            params.scale.push_back(1.0f / inverse);
            params.zeroPoint.push_back(0);
        }
        const bool isWeights = name.ends_with(kWeights);
        const std::string op = isWeights ? name.substr(0, name.size() - kWeights.size()) : name;
        const auto id = graph.find(op);
        if (params.scale.empty() || !id || graph.at(*id).inputs.empty()) {
            refuseLine(file, i + 1,
                       params.scale.empty() ? "NAME SCALE… is expected" : "no operator '" + op + "'");
        }
        if (isWeights) {
            const bool isOne =
                std::ranges::adjacent_find(params.scale, std::not_equal_to()) == params.scale.end();
            if (isOne) { // the same for every channel
                params.scale.resize(1);
                params.zeroPoint.resize(1);
            }
            params.axis = isOne ? std::nullopt : std::optional(0);
            table.weights.push_back({name, op, std::move(params), {}, false});
        } else if (!table.activation(graph.value(graph.at(*id).inputs[0]).name)) {
            table.activations.push_back(
                {graph.value(graph.at(*id).inputs[0]).name, {}, std::move(params), {}, false});
        }
    }
    return table;
}

} // namespace

ExportFormat ncnnFormat()
{
    return {.name = "ncnn",
            .title = "ncnn int8 table",
            .extension = ".table",
            .help = "ncnn2int8, and PPQ",
            .keepsOperators = false,
            .write = writeNcnn,
            .read = readNcnn};
}

} // namespace io
