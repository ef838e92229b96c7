#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSamplingSize = 100; // the compressor's own default

/// Intel Neural Compressor's word for a calibration method; none where it has no such method.
std::optional<std::string> algorithmOf(const std::string& method)
{
    if (method == "minmax") {
        return "minmax";
    }
    return method.starts_with("entropy") ? std::optional<std::string>("kl") : std::nullopt;
}

Json settingsOf(const OperatorEncoding& op, const EncodingTable& table, std::vector<ExportLoss>& losses)
{
    if (op.isFloat) {
        return {{"activation", {{"dtype", {"fp32"}}}}, {"weight", {{"dtype", {"fp32"}}}}};
    }
    Json json = Json::object();
    if (const TensorEncoding* tensor = table.activation(op.output); tensor && !op.inherits) {
        const bool isSigned = tensor->params.codes.lowest < 0;
        const auto algorithm = algorithmOf(tensor->method);
        if (!algorithm) {
            losses.push_back({op.name, fmt::format("calibration method {} becomes minmax", tensor->method)});
        }
        if (tensor->params.bits != 8) {
            losses.push_back({op.name, fmt::format("{} bits become 8", tensor->params.bits)});
        }
        json["activation"] = {{"dtype", {isSigned ? "int8" : "uint8"}},
                              {"algorithm", {algorithm.value_or("minmax")}},
                              {"scheme", {isSymmetric(tensor->params) ? "sym" : "asym"}},
                              {"granularity", {"per_tensor"}}};
    }
    for (const TensorEncoding& weight : table.weights) {
        if (weight.op == op.name) {
            json["weight"] = {{"dtype", {"int8"}},
                              {"algorithm", {"minmax"}},
                              {"scheme", {"sym"}},
                              {"granularity", {weight.params.isPerChannel() ? "per_channel" : "per_tensor"}}};
        }
    }
    return json;
}

Export writeInc(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Export result;
    result.losses.push_back({"", "thresholds: Intel Neural Compressor calibrates anew"});
    Json wise = Json::object();
    for (const OperatorEncoding& op : table.operators) {
        Json settings = settingsOf(op, table, result.losses);
        for (const std::string& node : op.nodes) { // it knows nodes, not fused operators
            if (!settings.empty() && (op.isFloat || node == op.name)) {
                wise[node] = settings;
            }
        }
    }
    const std::string text = fmt::format(
        "version: 1.0\n"
        "model: {{name: {}, framework: onnxrt_qlinear}}\n"
        "quantization:\n"
        "  approach: post_training_static_quant\n"
        "  calibration: {{sampling_size: {}}}\n"
        "  model_wise:\n"
        "    weight: {{granularity: per_channel, scheme: sym, dtype: int8, algorithm: minmax}}\n"
        "    activation: {{granularity: per_tensor, scheme: asym, dtype: uint8, algorithm: minmax}}\n"
        "  op_wise: {}\n",
        Json(source.model.stem().string()).dump(), kSamplingSize, wise.dump());
    const Json dictionary{{"op_name_dict", wise}};
    result.files = {{"", text}, {".json", dictionary.dump(1) + "\n"}};
    return result;
}

/// The dictionary itself, or the line of the YAML form that writeInc() makes: JSON is YAML.
ReadJson dictionaryOf(std::string_view content, std::string_view file)
{
    const auto lines = linesOf(content);
    for (const std::string_view line : lines) {
        constexpr std::string_view kKey = "  op_wise: ";
        if (line.starts_with(kKey)) {
            return parseJson(line.substr(kKey.size()), file);
        }
    }
    const ReadJson json = parseJson(content, file);
    return json.is_object() ? json.value("op_name_dict", ReadJson()) : ReadJson();
}

EncodingTable readInc(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    const ReadJson wise = dictionaryOf(content, file);
    if (!wise.is_object()) {
        throw core::Error(
            core::ErrorKind::FileFormat,
            fmt::format("{}: op_wise on one line in JSON's form, or op_name_dict, is expected", file));
    }
    EncodingTable table;
    for (const auto& [name, settings] : wise.items()) {
        const ReadJson activation =
            settings.is_object() ? settings.value("activation", ReadJson::object()) : ReadJson::object();
        const ReadJson type =
            activation.is_object() ? activation.value("dtype", ReadJson::array()) : ReadJson::array();
        const bool isFloat = type.is_array() && type.size() == 1 && type[0] == "fp32";
        table.operators.push_back({name, {}, {}, isFloat, {}, false, {}});
    }
    return table;
}

} // namespace

ExportFormat incFormat()
{
    return {.name = "inc",
            .title = "Intel Neural Compressor",
            .extension = ".inc.yaml",
            .help = "YAML of version 1 and the op_name_dict of version 2 beside it",
            .keepsActivations = false,
            .keepsWeights = false,
            .keepsFloatOutputs = false,
            .keepsWeightGranularity = true,
            .write = writeInc,
            .read = readInc};
}

} // namespace io
