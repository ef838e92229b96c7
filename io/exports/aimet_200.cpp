#include "io/exports/aimet.h"
#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json encodingOf200(const TensorEncoding& tensor)
{
    const core::QuantizationParams& params = tensor.params;
    Json json{{"name", tensor.tensor},
              {"output_dtype", fmt::format("{}int{}", params.codes.lowest < 0 ? "" : "u", params.bits)}};
    const bool hasZeroPoint = std::ranges::any_of(params.zeroPoint, [](std::int32_t z) { return z != 0; });
    if (params.isPerChannel()) {
        json["y_scale"] = Json::array();
        std::ranges::transform(params.scale, std::back_inserter(json["y_scale"].get_ref<Json::array_t&>()),
                               jsonNumber);
        if (hasZeroPoint) {
            json["y_zero_point"] = params.zeroPoint;
        }
        json["axis"] = *params.axis;
    } else {
        json["y_scale"] = jsonNumber(params.scale[0]);
        if (hasZeroPoint) {
            json["y_zero_point"] = params.zeroPoint[0];
        }
    }
    return json;
}

Export writeAimet200(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Json json;
    json["version"] = "2.0.0";
    json["encodings"] = Json::array();
    std::vector<ExportLoss> losses = aimet::losses(table);
    for (const auto* tensors : {&table.activations, &table.weights}) {
        for (const TensorEncoding& tensor : *tensors) {
            if (!losesGroups(tensor, losses)) {
                json["encodings"].push_back(encodingOf200(tensor));
            }
        }
    }
    return {{{"", json.dump(1) + "\n"}}, std::move(losses)};
}

TensorEncoding tensorOf200(const ReadJson& json, std::string_view file)
{
    const auto refuse = [&](const std::string& what) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: {}: {}", file,
                                      json.is_object() ? json.value("name", "an encoding") : "an encoding",
                                      what));
    };
    if (!json.is_object() || !json.contains("name") || !json["name"].is_string()
        || !json.contains("y_scale")) {
        refuse("name and y_scale are expected");
    }
    const std::string type = json.value("output_dtype", "uint8");
    const bool isSigned = type.starts_with("int");
    int bits = 0;
    const std::string_view digits =
        std::string_view(type).substr(std::min<std::size_t>(type.size(), isSigned ? 3 : 4));
    std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if ((!isSigned && !type.starts_with("uint")) || bits < 2 || bits > 16 || json.contains("block_size")) {
        refuse("output_dtype int2 to uint16 without block_size is expected");
    }
    TensorEncoding tensor{json["name"].get<std::string>(), {}, {}, {}, false};
    aimet::setType(tensor.params, bits, isSigned);
    const ReadJson scales = json["y_scale"].is_array() ? json["y_scale"] : ReadJson::array({json["y_scale"]});
    const ReadJson points = json.value("y_zero_point", ReadJson());
    for (std::size_t c = 0; c < scales.size(); ++c) {
        if (!scales[c].is_number() || !(scales[c].get<float>() > 0.0f)) {
            refuse("y_scale holds positive numbers");
        }
        const ReadJson point = points.is_array() ? (c < points.size() ? points[c] : ReadJson()) : points;
        tensor.params.scale.push_back(scales[c].get<float>());
        tensor.params.zeroPoint.push_back(point.is_number_integer() ? point.get<std::int32_t>() : 0);
    }
    if (json["y_scale"].is_array()) {
        tensor.params.axis =
            json.contains("axis") && json["axis"].is_number_integer() ? json["axis"].get<int>() : 0;
    }
    return tensor;
}

EncodingTable readAimet200(std::string_view content, std::string_view file, const core::OperatorGraph& graph)
{
    const ReadJson json = parseJson(content, file);
    if (!json.is_object() || !json.contains("encodings") || !json["encodings"].is_array()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: no list of encodings: AIMET 2.0.0 is expected", file));
    }
    EncodingTable table;
    for (const ReadJson& one : json["encodings"]) {
        TensorEncoding tensor = tensorOf200(one, file);
        const auto value = graph.graph->findValue(tensor.tensor);
        if (value && graph.value(*value).constant) {
            tensor.op = aimet::readerOf(graph, tensor.tensor);
            table.weights.push_back(std::move(tensor));
        } else {
            table.activations.push_back(std::move(tensor));
        }
    }
    return table;
}

} // namespace

ExportFormat aimet200Format()
{
    return {.name = "aimet-2.0",
            .title = "AIMET encodings 2.0.0",
            .extension = ".encodings",
            .help = "AIMET of 2025 and later: ONNX's own terms",
            .keepsOperators = false,
            .write = writeAimet200,
            .read = readAimet200};
}

} // namespace io
