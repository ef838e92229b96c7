#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

// ONNX Runtime has no reader for such a file: enums and numpy values are made here.
constexpr std::string_view kOverridesLoader = R"py(# extra_options, nodes_to_exclude = load("FILE.json")
# quantize_static(..., extra_options=extra_options, nodes_to_exclude=nodes_to_exclude)
import json
import numpy
from onnxruntime.quantization import QuantType

TYPES = {"QUInt8": numpy.uint8, "QInt8": numpy.int8, "QUInt16": numpy.uint16, "QInt16": numpy.int16}


def load(path):
    with open(path) as file:
        content = json.load(file)
    for overrides in content["TensorQuantOverrides"].values():
        for override in overrides:
            kind = override["quant_type"]
            override["scale"] = numpy.array(override["scale"], dtype=numpy.float32)
            override["zero_point"] = numpy.array(override["zero_point"], dtype=TYPES[kind])
            override["quant_type"] = QuantType[kind]
    return {"TensorQuantOverrides": content["TensorQuantOverrides"]}, content["nodes_to_exclude"]
)py";

std::string typeName(const core::QuantizationParams& params)
{
    const bool isSigned = params.codes.lowest < 0;
    return fmt::format("Q{}Int{}", isSigned ? "" : "U", params.bits <= 8 ? 8 : 16);
}

Json overridesOf(const core::QuantizationParams& params)
{
    Json list = Json::array();
    for (std::size_t c = 0; c < params.scale.size(); ++c) {
        Json one;
        one["quant_type"] = typeName(params);
        if (params.axis && c == 0) {
            one["axis"] = *params.axis;
        }
        one["scale"] = jsonNumber(params.scale[c]);
        one["zero_point"] = params.zeroPoint[c];
        list.push_back(std::move(one));
    }
    return list;
}

Export writeOrtOverrides(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Json json;
    json["TensorQuantOverrides"] = Json::object();
    Export result;
    for (const auto* tensors : {&table.activations, &table.weights}) {
        for (const TensorEncoding& tensor : *tensors) {
            if (losesGroups(tensor, result.losses)) {
                continue;
            }
            if (tensor.params.bits != 8 && tensor.params.bits != 16) {
                result.losses.push_back(
                    {tensor.tensor,
                     fmt::format("{} bits are none of ONNX Runtime's types: left out", tensor.params.bits)});
                continue;
            }
            json["TensorQuantOverrides"][tensor.tensor] = overridesOf(tensor.params);
        }
    }
    json["nodes_to_exclude"] = Json::array();
    for (const OperatorEncoding& op : table.operators) {
        if (op.isFloat) {
            for (const std::string& node : op.nodes) {
                json["nodes_to_exclude"].push_back(node);
            }
        }
    }
    result.files = {{"", json.dump(1) + "\n"}, {".loader.py", std::string(kOverridesLoader)}};
    append(result.losses, lossesOfFoldedWeights(table));
    return result;
}

TensorEncoding encodingOf(const std::string& tensor, const ReadJson& list, std::string_view file)
{
    const auto refuse = [&](const std::string& what) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}: {}", file, tensor, what));
    };
    if (!list.is_array() || list.empty()) {
        refuse("a list of overrides is expected");
    }
    TensorEncoding encoding{tensor, {}, {}, {}, false};
    core::QuantizationParams& params = encoding.params;
    for (const ReadJson& one : list) {
        const std::string type = one.is_object() ? one.value("quant_type", "QUInt8") : "";
        const bool isSigned = type == "QInt8" || type == "QInt16";
        if (!isSigned && type != "QUInt8" && type != "QUInt16") {
            refuse("quant_type is none of QUInt8, QInt8, QUInt16, QInt16");
        }
        const int bits = type.ends_with("16") ? 16 : 8;
        if (one.contains("rmin") && one.contains("rmax") && one["rmin"].is_number()
            && one["rmax"].is_number()) {
            const core::Range range{one["rmin"].get<double>(), one["rmax"].get<double>()};
            if (!(range.min <= range.max) || range.min < -3e38 || range.max > 3e38) {
                refuse("rmin and rmax are no range");
            }
            const bool symmetric = one.value("symmetric", false);
            params = core::chooseActivationParams(
                range, symmetric ? core::Scheme::Symmetric : core::Scheme::Asymmetric, bits);
            continue;
        }
        if (!one.contains("scale") || !one["scale"].is_number() || !one.contains("zero_point")
            || !one["zero_point"].is_number_integer() || !(one["scale"].get<float>() > 0.0f)) {
            refuse("scale and zero_point, or rmin and rmax, are expected");
        }
        params.bits = bits;
        params.codes = isSigned ? core::CodeRange{-(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                                : core::CodeRange{0, (1 << bits) - 1};
        params.type = bits == 8 ? (isSigned ? core::DataType::Int8 : core::DataType::UInt8)
                                : (isSigned ? core::DataType::Int16 : core::DataType::UInt16);
        params.scale.push_back(one["scale"].get<float>());
        params.zeroPoint.push_back(one["zero_point"].get<std::int32_t>());
        if (one.contains("axis") && one["axis"].is_number_integer()) {
            params.axis = one["axis"].get<int>();
        }
    }
    return encoding;
}

EncodingTable readOrtOverrides(std::string_view content, std::string_view file,
                               const core::OperatorGraph& graph)
{
    const ReadJson json = parseJson(content, file);
    EncodingTable table;
    const ReadJson overrides = json.is_object() ? json.value("TensorQuantOverrides", json) : ReadJson();
    if (!overrides.is_object()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: an object of tensors is expected", file));
    }
    for (const auto& [tensor, list] : overrides.items()) {
        if (tensor == "nodes_to_exclude" || tensor == "op_types_to_quantize") {
            continue;
        }
        TensorEncoding encoding = encodingOf(tensor, list, file);
        const auto value = graph.graph->findValue(tensor);
        if (value && graph.value(*value).constant && !graph.value(*value).consumers.empty()) {
            const auto op = graph.find(graph.graph->node(graph.value(*value).consumers.front()).name);
            encoding.op = op ? graph.at(*op).name : std::string();
            table.weights.push_back(std::move(encoding));
        } else {
            table.activations.push_back(std::move(encoding));
        }
    }
    for (const ReadJson& node : json.value("nodes_to_exclude", ReadJson::array())) {
        if (node.is_string()) {
            table.operators.push_back({node.get<std::string>(), {}, {}, true, {}, false, {}});
        }
    }
    return table;
}

} // namespace

ExportFormat ortOverridesFormat()
{
    return {.name = "ort-overrides",
            .title = "ONNX Runtime TensorQuantOverrides",
            .extension = ".overrides.json",
            .help = "quantize_static through the loader beside it",
            .keepsFloatOutputs = false,
            .write = writeOrtOverrides,
            .read = readOrtOverrides};
}

} // namespace io
