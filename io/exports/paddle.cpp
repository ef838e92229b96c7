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

Export writePaddle(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Export result;
    result.losses.push_back(
        {"", "weights are not part of the scales: Paddle takes the maximum of every channel"});
    Json types = Json::array();
    Json excluded = Json::array();
    for (std::size_t i = 0; i < table.operators.size(); ++i) {
        const OperatorEncoding& op = table.operators[i];
        if (op.isFloat) {
            excluded.push_back(i);
        } else if (std::ranges::find(types, Json(op.type)) == types.end()) {
            types.push_back(op.type);
        }
    }
    // Paddle stores what a real number is multiplied with to lie in −1…1, and whether codes are unsigned.
    Json scales = Json::object();
    for (const TensorEncoding& tensor : table.activations) {
        const core::QuantizationParams& params = tensor.params;
        const double most = largestMagnitude(params);
        const bool isUnsigned = params.codes.lowest == 0 && params.zeroPoint[0] == 0;
        scales[tensor.tensor] = {isUnsigned, 1.0 / most};
        if (params.bits != 8) {
            result.losses.push_back({tensor.tensor, fmt::format("{} bits become 8", params.bits)});
        } else if (!isUnsigned && !isSymmetric(params)) {
            result.losses.push_back(
                {tensor.tensor,
                 fmt::format("zero point {} becomes 0: symmetric ±{:.6g}", params.zeroPoint[0], most)});
        }
    }
    Json names = Json::array();
    for (const OperatorEncoding& op : table.operators) {
        names.push_back(op.name);
    }
    const Json json{{"quantize_enabled_op_types", std::move(types)},
                    {"quantize_excluded_op_ids", std::move(excluded)},
                    {"op_names", std::move(names)},
                    {"var_quant_scales", std::move(scales)}};
    result.files = {{"", json.dump(1) + "\n"}};
    return result;
}

EncodingTable readPaddle(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    const ReadJson json = parseJson(content, file);
    const auto refuse = [&](const std::string& what) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}", file, what));
    };
    if (!json.is_object() || !json.contains("var_quant_scales") || !json["var_quant_scales"].is_object()) {
        refuse("no var_quant_scales");
    }
    EncodingTable table;
    for (const auto& [tensor, entry] : json["var_quant_scales"].items()) {
        if (!entry.is_array() || entry.size() != 2 || !entry[0].is_boolean() || !entry[1].is_number()
            || !(entry[1].get<double>() > 0.0)) {
            refuse(tensor + ": [is_unsigned, scale] is expected");
        }
        const double most = 1.0 / entry[1].get<double>();
        table.activations.push_back(
            {tensor,
             {},
             entry[0].get<bool>() ? core::chooseActivationParams({0.0, most}, core::Scheme::Asymmetric, 8)
                                  : symmetricParams(most, 8),
             {},
             false});
    }
    const ReadJson names = json.value("op_names", ReadJson::array());
    for (const ReadJson& id : json.value("quantize_excluded_op_ids", ReadJson::array())) {
        if (!id.is_number_unsigned() || id.get<std::size_t>() >= names.size()
            || !names[id.get<std::size_t>()].is_string()) {
            refuse("quantize_excluded_op_ids beyond op_names");
        }
        table.operators.push_back(
            {names[id.get<std::size_t>()].get<std::string>(), {}, {}, true, {}, false, {}});
    }
    return table;
}

} // namespace

ExportFormat paddleFormat()
{
    return {.name = "paddle",
            .title = "PaddlePaddle INT8v2",
            .extension = ".paddle.json",
            .help = "operator types, excluded ids in execution order, and scales (1/threshold) of variables",
            .keepsWeights = false,
            .keepsFloatOutputs = false,
            .write = writePaddle,
            .read = readPaddle};
}

} // namespace io
