#include "core/base/error.h"
#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

// The algorithm in the first line only tells TensorRT which calibrator may read the file.
constexpr std::string_view kEntropyHeader = "TRT-8601-EntropyCalibration2";
constexpr std::string_view kMinMaxHeader = "TRT-8601-MinMaxCalibration";

Export writeTrtCache(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    const bool entropy = std::ranges::any_of(
        table.activations, [](const TensorEncoding& tensor) { return tensor.method.starts_with("entropy"); });
    std::string text = fmt::format("{}\n", entropy ? kEntropyHeader : kMinMaxHeader);
    for (const TensorEncoding& tensor : table.activations) {
        const bool exact = isSymmetric(tensor.params) && tensor.params.bits == 8;
        const float scale =
            exact ? tensor.params.scale[0] : static_cast<float>(largestMagnitude(tensor.params) / 127.0);
        // The bits of the float, most significant digit first.
        text += fmt::format("{}: {:08x}\n", tensor.tensor, std::bit_cast<std::uint32_t>(scale));
    }
    Export result{{{"", std::move(text)}},
                  {{"", "weights are not part of the cache: TensorRT quantizes them per channel"}}};
    append(result.losses, lossesOfSymmetricFormat(table));
    append(result.losses, lossesOfFloatOperators(table, "set its precision in TensorRT"));
    return result;
}

/// What PPQ writes instead: {"act_quant_info": {NAME: largest magnitude}}, for set_dynamic_range.
EncodingTable readPpq(std::string_view content, std::string_view file)
{
    const auto json = nlohmann::json::parse(content, nullptr, false);
    const auto ranges = json.is_object() ? json.find("act_quant_info") : json.end();
    if (!json.is_object() || ranges == json.end() || !ranges->is_object()) {
        throw core::Error(
            core::ErrorKind::FileFormat,
            fmt::format("{}: neither a TensorRT calibration cache nor PPQ's act_quant_info", file));
    }
    EncodingTable table;
    for (const auto& [name, value] : ranges->items()) {
        const double most = value.is_number() ? value.get<double>() : 0.0;
        if (!(most > 0.0 && most < 1e38)) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("{}: act_quant_info: '{}' takes a positive number", file, name));
        }
        table.activations.push_back({name, {}, symmetricParams(most, 8), {}, false});
    }
    return table;
}

EncodingTable readTrtCache(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    if (content.starts_with('{')) {
        return readPpq(content, file);
    }
    const auto lines = linesOf(content);
    if (lines.empty() || !lines[0].starts_with("TRT-")) {
        refuseLine(file, 1, "a TensorRT calibration cache begins with TRT-<version>-<algorithm>");
    }
    EncodingTable table;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].empty()) {
            continue;
        }
        const std::size_t colon = lines[i].rfind(": ");
        const std::string_view digits = colon == std::string_view::npos ? "" : lines[i].substr(colon + 2);
        std::uint32_t bits = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
        const float scale = std::bit_cast<float>(bits);
        if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()
            || !(scale > 0.0f && scale < 1e38f)) {
            refuseLine(file, i + 1, "NAME: eight hexadecimal digits of a positive float are expected");
        }
        core::QuantizationParams params = symmetricParams(1.0, 8);
        params.scale = {scale};
        table.activations.push_back(
            {std::string(lines[i].substr(0, colon)), {}, std::move(params), {}, false});
    }
    return table;
}

} // namespace

ExportFormat trtCacheFormat()
{
    return {.name = "trt-cache",
            .title = "TensorRT calibration cache",
            .extension = ".cache",
            .help = "TensorRT up to 10; later versions load qdq",
            .keepsWeights = false,
            .keepsOperators = false,
            .write = writeTrtCache,
            .read = readTrtCache};
}

} // namespace io
