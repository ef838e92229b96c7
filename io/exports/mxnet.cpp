#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMxnetLoader = R"py(# table, excluded = load("FILE.json")
# quantize_net(..., exclude_layers=excluded, calib_mode="custom", LayerOutputCollector=Table(table))
import json
from mxnet.contrib.quantization import CalibrationCollector


class Table(CalibrationCollector):
    def __init__(self, table):
        super().__init__()
        self.min_max_dict = table

    def collect(self, name, op_name, arr):
        pass


def load(path):
    with open(path) as file:
        content = json.load(file)
    return {name: tuple(limits) for name, limits in content["min_max_dict"].items()}, content["excluded_sym_names"]
)py";

constexpr std::string_view kOutput = "_output";

/// MXNet names tensors after the node that writes them, NODE_output or, of several, NODE_output0, …;
/// variables keep their names.
std::string keyOf(const core::OperatorGraph& graph, const core::Operator& op, core::ValueId value)
{
    if (op.type == "Input") {
        return graph.value(value).name;
    }
    const std::string key = op.name + std::string(kOutput);
    const auto at = std::ranges::find(op.outputs, value) - op.outputs.begin();
    return op.outputs.size() > 1 ? key + std::to_string(at) : key;
}

std::string keyOf(const core::OperatorGraph& graph, const TensorEncoding& tensor)
{
    const auto id = graph.find(tensor.op);
    if (id) {
        for (const core::ValueId value : graph.at(*id).outputs) {
            if (value != core::kNoValue && graph.value(value).name == tensor.tensor) {
                return keyOf(graph, graph.at(*id), value);
            }
        }
    }
    return tensor.tensor;
}

struct Written
{
    std::string op;
    std::string tensor;
};

/// What every key stands for.
std::map<std::string, Written, std::less<>> keysOf(const core::OperatorGraph& graph)
{
    std::map<std::string, Written, std::less<>> keys;
    for (const core::Operator& op : graph.operators) {
        for (const core::ValueId value : op.outputs) {
            if (value != core::kNoValue) {
                keys.emplace(keyOf(graph, op, value), Written{op.name, graph.value(value).name});
            }
        }
    }
    return keys;
}

Export writeMxnet(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Export result;
    result.losses.push_back({"", "weights are not part of the table: MXNet quantizes them itself"});
    Json json;
    json["min_max_dict"] = Json::object();
    for (const TensorEncoding& tensor : table.activations) {
        const core::QuantizationParams& params = tensor.params;
        const double most = largestMagnitude(params);
        const bool isUnsigned = params.codes.lowest == 0 && params.zeroPoint[0] == 0;
        json["min_max_dict"][keyOf(*source.graph, tensor)] = {isUnsigned ? 0.0 : -most, most};
        if (params.bits != 8) {
            result.losses.push_back({tensor.tensor, fmt::format("{} bits become 8", params.bits)});
        } else if (!isUnsigned && !isSymmetric(params)) {
            result.losses.push_back(
                {tensor.tensor,
                 fmt::format("zero point {} becomes 0: symmetric ±{:.6g}", params.zeroPoint[0], most)});
        } else if (most < 1e-3) {
            result.losses.push_back(
                {tensor.tensor, fmt::format("MXNet keeps six decimal places of ±{:.6g}", most)});
        }
    }
    json["excluded_sym_names"] = Json::array();
    for (const OperatorEncoding& op : table.operators) {
        if (op.isFloat) {
            for (const std::string& node : op.nodes) {
                json["excluded_sym_names"].push_back(node);
            }
        }
    }
    result.files = {{"", json.dump(1) + "\n"}, {".loader.py", std::string(kMxnetLoader)}};
    return result;
}

EncodingTable readMxnet(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    const ReadJson json = parseJson(content, file);
    if (!json.is_object() || !json.contains("min_max_dict") || !json["min_max_dict"].is_object()) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: no min_max_dict", file));
    }
    EncodingTable table;
    const auto keys = keysOf(graph);
    for (const auto& [key, limits] : json["min_max_dict"].items()) {
        if (!limits.is_array() || limits.size() != 2 || !limits[0].is_number() || !limits[1].is_number()) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("{}: {}: [min, max] is expected", file, key));
        }
        const double min = limits[0].get<double>();
        const double most = std::max(std::fabs(min), std::fabs(limits[1].get<double>()));
        if (!std::isfinite(most)) {
            throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}: no finite range", file, key));
        }
        const auto written = keys.find(key);
        const Written& named = written != keys.end() ? written->second : Written{key, key};
        table.activations.push_back(
            {named.tensor,
             named.op,
             min >= 0.0 ? core::chooseActivationParams({0.0, most}, core::Scheme::Asymmetric, 8)
                        : symmetricParams(most, 8),
             {},
             false});
    }
    for (const ReadJson& name : json.value("excluded_sym_names", ReadJson::array())) {
        if (name.is_string()) {
            table.operators.push_back({name.get<std::string>(), {}, {}, true, {}, false, {}});
        }
    }
    return table;
}

} // namespace

ExportFormat mxnetFormat()
{
    return {.name = "mxnet",
            .title = "MXNet calibration table",
            .extension = ".mxnet.json",
            .help = "quantize_net with a custom collector, through the loader beside it",
            .keepsWeights = false,
            .keepsFloatOutputs = false,
            .write = writeMxnet,
            .read = readMxnet};
}

} // namespace io
