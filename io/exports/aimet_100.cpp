#include "io/exports/aimet.h"
#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json encodingOf100(const TensorEncoding& tensor)
{
    const core::QuantizationParams& params = tensor.params;
    Json json{{"name", tensor.tensor},
              {"enc_type", params.isPerChannel() ? "PER_CHANNEL" : "PER_TENSOR"},
              {"dtype", "INT"},
              {"bw", params.bits},
              {"is_sym", isSymmetric(params)}};
    json["scale"] = Json::array();
    json["offset"] = Json::array();
    for (std::size_t c = 0; c < params.scale.size(); ++c) {
        json["scale"].push_back(jsonNumber(params.scale[c]));
        json["offset"].push_back(aimet::offsetOf(params, c));
    }
    return json;
}

Export writeAimet100(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Json json;
    json["version"] = "1.0.0";
    json["activation_encodings"] = Json::array();
    for (const TensorEncoding& tensor : table.activations) {
        json["activation_encodings"].push_back(encodingOf100(tensor));
    }
    json["param_encodings"] = Json::array();
    std::vector<ExportLoss> losses = aimet::losses(table);
    for (const TensorEncoding& tensor : table.weights) {
        if (!losesGroups(tensor, losses)) {
            json["param_encodings"].push_back(encodingOf100(tensor));
        }
    }
    const bool perChannel =
        std::ranges::any_of(table.weights, [](const auto& t) { return t.params.isPerChannel(); });
    json["quantizer_args"] = {{"activation_bitwidth", 8},
                              {"param_bitwidth", 8},
                              {"dtype", "int"},
                              {"is_symmetric", true},
                              {"per_channel_quantization", perChannel},
                              {"quant_scheme", "post_training_tf"}};
    return {{{"", json.dump(1) + "\n"}}, std::move(losses)};
}

TensorEncoding tensorOf100(const ReadJson& json, std::string_view file)
{
    const auto refuse = [&](const std::string& what) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: {}: {}", file,
                                      json.is_object() ? json.value("name", "an encoding") : "an encoding",
                                      what));
    };
    if (!json.is_object() || !json.contains("name") || !json["name"].is_string() || !json.contains("scale")
        || !json["scale"].is_array() || json["scale"].empty()) {
        refuse("name and a list of scales are expected");
    }
    const std::string kind = json.value("enc_type", "PER_TENSOR");
    if (kind != "PER_TENSOR" && kind != "PER_CHANNEL") {
        refuse(kind + " is not available: PER_TENSOR and PER_CHANNEL are");
    }
    const int bits = json.contains("bw") && json["bw"].is_number_integer() ? json["bw"].get<int>() : 8;
    const ReadJson offsets = json.value("offset", ReadJson::array());
    if (bits < 2 || bits > 16 || !offsets.is_array() || offsets.size() != json["scale"].size()) {
        refuse("bw of 2 to 16 and as many offsets as scales are expected");
    }
    TensorEncoding tensor{json["name"].get<std::string>(), {}, {}, {}, false};
    const bool isSymmetric = json.contains("is_sym") && json["is_sym"] == true;
    const bool isSigned = isSymmetric && offsets[0] == -(std::int64_t{1} << (bits - 1));
    aimet::setType(tensor.params, bits, isSigned);
    for (std::size_t c = 0; c < offsets.size(); ++c) {
        if (!json["scale"][c].is_number() || !(json["scale"][c].get<float>() > 0.0f)
            || !offsets[c].is_number_integer()) {
            refuse("scales are positive numbers, offsets integers");
        }
        aimet::addStep(tensor.params, json["scale"][c].get<float>(), offsets[c].get<std::int64_t>());
    }
    return tensor;
}

EncodingTable readAimet100(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    const ReadJson json = parseJson(content, file);
    if (!json.is_object() || !json.contains("activation_encodings")
        || !json["activation_encodings"].is_array()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: no list of activation_encodings: AIMET 1.0.0 is expected", file));
    }
    EncodingTable table;
    for (const ReadJson& one : json["activation_encodings"]) {
        if (one.is_object() && one.value("dtype", "INT") != "FLOAT") {
            table.activations.push_back(tensorOf100(one, file));
        }
    }
    for (const ReadJson& one : json.value("param_encodings", ReadJson::array())) {
        TensorEncoding tensor = tensorOf100(one, file);
        tensor.op = aimet::readerOf(graph, tensor.tensor);
        if (one.value("enc_type", "") == "PER_CHANNEL") {
            tensor.params.axis = aimet::weightAxis(graph, tensor.tensor);
        }
        table.weights.push_back(std::move(tensor));
    }
    return table;
}

} // namespace

ExportFormat aimet100Format()
{
    return {.name = "aimet-1.0",
            .title = "AIMET encodings 1.0.0",
            .extension = ".encodings",
            .help = "AIMET 2; QNN of 2024 and later",
            .keepsOperators = false,
            .write = writeAimet100,
            .read = readAimet100};
}

} // namespace io
