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

Json encodingsOf(const core::QuantizationParams& params)
{
    Json list = Json::array();
    const auto levels = (std::int64_t{1} << params.bits) - 1;
    for (std::size_t c = 0; c < params.scale.size(); ++c) {
        const std::int64_t offset = aimet::offsetOf(params, c);
        const double scale = params.scale[c];
        list.push_back({{"bitwidth", params.bits},
                        {"dtype", "int"},
                        {"is_symmetric", isSymmetric(params) ? "True" : "False"}, // a word, not a truth value
                        {"max", scale * static_cast<double>(levels + offset)},
                        {"min", scale * static_cast<double>(offset)},
                        {"offset", offset},
                        {"scale", jsonNumber(params.scale[c])}});
    }
    return list;
}

Export writeAimet061(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Json json;
    json["version"] = "0.6.1";
    json["activation_encodings"] = Json::object();
    for (const TensorEncoding& tensor : table.activations) {
        json["activation_encodings"][tensor.tensor] = encodingsOf(tensor.params);
    }
    json["param_encodings"] = Json::object();
    std::vector<ExportLoss> losses = aimet::losses(table);
    for (const TensorEncoding& tensor : table.weights) {
        if (!losesGroups(tensor, losses)) {
            json["param_encodings"][tensor.tensor] = encodingsOf(tensor.params);
        }
    }
    const bool perChannel =
        std::ranges::any_of(table.weights, [](const auto& t) { return t.params.isPerChannel(); });
    json["quantizer_args"] = {{"activation_bitwidth", 8},
                              {"dtype", "int"},
                              {"is_symmetric", "True"},
                              {"param_bitwidth", 8},
                              {"per_channel_quantization", perChannel ? "True" : "False"},
                              {"quant_scheme", "post_training_tf"}};
    return {{{"", json.dump(1) + "\n"}}, std::move(losses)};
}

core::QuantizationParams paramsOf(const ReadJson& list, const std::string& tensor, std::string_view file)
{
    core::QuantizationParams params;
    const auto refuse = [&] {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: {}: bitwidth, offset and scale are expected", file, tensor));
    };
    if (!list.is_array() || list.empty()) {
        refuse();
    }
    for (const ReadJson& one : list) {
        if (!one.is_object() || !one.contains("scale") || !one["scale"].is_number() || !one.contains("offset")
            || !one["offset"].is_number_integer() || !one.contains("bitwidth")
            || !one["bitwidth"].is_number_integer()) {
            refuse();
        }
        const auto bits = one["bitwidth"].get<int>();
        if (bits < 2 || bits > 16 || !(one["scale"].get<float>() > 0.0f)) {
            refuse();
        }
        const auto offset = one["offset"].get<std::int64_t>();
        const ReadJson symmetric = one.value("is_symmetric", ReadJson("False"));
        const bool isSymmetric = symmetric == "True" || symmetric == true;
        aimet::setType(params, bits, isSymmetric && offset == -(std::int64_t{1} << (bits - 1)));
        aimet::addStep(params, one["scale"].get<float>(), offset);
    }
    return params;
}

EncodingTable readAimet061(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    const ReadJson json = parseJson(content, file);
    if (!json.is_object() || !json.contains("activation_encodings")
        || !json["activation_encodings"].is_object()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: no map of activation_encodings: AIMET 0.6.1 is expected", file));
    }
    EncodingTable table;
    for (const auto& [tensor, list] : json["activation_encodings"].items()) {
        if (!list.empty() && list[0].is_object() && list[0].value("dtype", "int") == "float") {
            continue;
        }
        table.activations.push_back({tensor, {}, paramsOf(list, tensor, file), {}, false});
    }
    const ReadJson weights = json.value("param_encodings", ReadJson::object());
    for (const auto& [tensor, list] : weights.items()) {
        TensorEncoding encoding{
            tensor, aimet::readerOf(graph, tensor), paramsOf(list, tensor, file), {}, false};
        if (encoding.params.scale.size() > 1) {
            encoding.params.axis = aimet::weightAxis(graph, tensor);
        }
        table.weights.push_back(std::move(encoding));
    }
    return table;
}

} // namespace

ExportFormat aimet061Format()
{
    return {.name = "aimet-0.6.1",
            .title = "AIMET encodings 0.6.1",
            .extension = ".encodings",
            .help = "AIMET 1; --quantization_overrides of QNN and SNPE",
            .keepsOperators = false,
            .write = writeAimet061,
            .read = readAimet061};
}

} // namespace io
