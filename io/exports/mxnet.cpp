#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kLoader = R"py(# table, excluded = load("FILE.json")
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

/// MXNet names tensors after the node that writes them; variables keep their names.
std::string keyOf(const core::OperatorGraph& graph, const TensorEncoding& tensor)
{
    const auto id = graph.find(tensor.op);
    return id && graph.at(*id).type != "Input" ? tensor.op + std::string(kOutput) : tensor.tensor;
}

Export write(const ExportSource& source)
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
    result.files = {{"", json.dump(1) + "\n"}, {".loader.py", std::string(kLoader)}};
    return result;
}

EncodingTable read(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    const Json json = parseJson(content, file);
    if (!json.is_object() || !json.contains("min_max_dict") || !json["min_max_dict"].is_object()) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: no min_max_dict", file));
    }
    EncodingTable table;
    for (const auto& [key, limits] : json["min_max_dict"].items()) {
        if (!limits.is_array() || limits.size() != 2 || !limits[0].is_number() || !limits[1].is_number()) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("{}: {}: [min, max] is expected", file, key));
        }
        const double min = limits[0].get<double>();
        const double most = std::max(std::fabs(min), std::fabs(limits[1].get<double>()));
        if (!(most < 3e38)) {
            throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}: no finite range", file, key));
        }
        const bool isNode = key.ends_with(kOutput) && graph.find(key.substr(0, key.size() - kOutput.size()));
        const std::string op = isNode ? key.substr(0, key.size() - kOutput.size()) : key;
        const std::string tensor = isNode ? outputOf(graph, op) : key;
        table.activations.push_back(
            {tensor,
             op,
             min >= 0.0 ? core::chooseActivationParams({0.0, most}, core::Scheme::Asymmetric, 8)
                        : symmetricParams(most, 8),
             {},
             false});
    }
    for (const Json& name : json.value("excluded_sym_names", Json::array())) {
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
            .write = write,
            .read = read};
}

} // namespace io
