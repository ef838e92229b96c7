// What the observers of Caffe2's quantization server dump when they register params
// (RegisterQuantizationParamsNetObserver, qparams_output_file_name): a line per output,
//   op_index op_type output_index tensor min max scale zero_point precision
// with unsigned codes 0 … 2^precision − 1.
#include "core/base/error.h"
#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <sstream>

namespace io {

namespace {

constexpr std::size_t kQparamsWords = 9;
constexpr double kWidestRange = 2.01 * std::numeric_limits<float>::max(); // from −FLT_MAX to FLT_MAX

std::int32_t highestOf(int precision) { return (1 << precision) - 1; }

Export writeDnnlowpQparams(const ExportSource& source)
{
    const core::OperatorGraph& graph = *source.graph;
    const EncodingTable table = encodingTable(graph, *source.resolved);
    Export result;
    std::string text;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        for (std::size_t k = 0; k < op.outputs.size(); ++k) {
            const core::ValueId id = op.outputs[k];
            const TensorEncoding* const tensor =
                id == core::kNoValue ? nullptr : table.activation(graph.value(id).name);
            if (!tensor) {
                continue;
            }
            if (tensor->tensor.find_first_of(" \t\r\n") != std::string::npos) {
                result.losses.push_back({tensor->tensor, "left out: a name with blanks is no word"});
                continue;
            }
            const core::QuantizationParams& p = tensor->params;
            const bool isSigned = p.codes.lowest < 0;
            const std::int32_t zeroPoint = p.zeroPoint[0] + (isSigned ? 1 << (p.bits - 1) : 0);
            if (isSigned) {
                result.losses.push_back({tensor->tensor,
                                         fmt::format("signed codes become unsigned, zero point {} becomes {}",
                                                     p.zeroPoint[0], zeroPoint)});
            }
            const double scale = p.scale[0];
            text +=
                fmt::format("{} {} {} {} {} {} {} {} {}\n", i, op.type, k, tensor->tensor, scale * -zeroPoint,
                            scale * (highestOf(p.bits) - zeroPoint), p.scale[0], zeroPoint, p.bits);
        }
    }
    result.files = {{"", std::move(text)}};
    result.losses.push_back({"", "weights are not part of it"});
    append(result.losses, lossesOfFloatOperators(table, "give it an engine without DNNLOWP"));
    return result;
}

template <typename Number>
bool parsed(const std::string& word, Number& value)
{
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc{} && end == word.data() + word.size();
}

EncodingTable readDnnlowpQparams(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    EncodingTable table;
    const auto lines = linesOf(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::istringstream stream{std::string(lines[i])};
        std::vector<std::string> words;
        for (std::string word; stream >> word;) {
            words.push_back(word);
        }
        if (words.empty()) {
            continue;
        }
        float scale = 0.0f;
        std::int32_t zeroPoint = 0;
        int precision = 0;
        if (words.size() != kQparamsWords || !parsed(words[6], scale) || !parsed(words[7], zeroPoint)
            || !parsed(words[8], precision)) {
            refuseLine(file, i + 1,
                       "op_index op_type output_index tensor min max scale zero_point precision is expected");
        }
        const bool isPrecision = precision >= 2 && precision <= 16;
        const double width = isPrecision ? static_cast<double>(scale) * highestOf(precision) : 0.0;
        const bool isScale = scale >= core::kSmallestScale && width <= kWidestRange;
        if (!isPrecision || !isScale || zeroPoint < 0 || zeroPoint > highestOf(precision)) {
            refuseLine(file, i + 1,
                       "a positive scale, a precision of 2 … 16 and a zero point of that many bits "
                       "are expected");
        }
        core::QuantizationParams params =
            core::chooseActivationParams({0.0, 1.0}, core::Scheme::Asymmetric, precision);
        params.scale = {scale};
        params.zeroPoint = {zeroPoint};
        table.activations.push_back({words[3], {}, std::move(params), {}, false});
    }
    if (table.activations.empty() && !content.empty()) { // of a network without params the dump is empty
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: no params in it", file));
    }
    return table;
}

} // namespace

ExportFormat dnnlowpQparamsFormat()
{
    return {.name = "dnnlowp-qparams",
            .title = "DNNLOWP quantization params",
            .extension = ".qparams",
            .help = "what Caffe2's observers dump: min, max, scale, zero point and precision of every output",
            .keepsWeights = false,
            .keepsOperators = false,
            .write = writeDnnlowpQparams,
            .read = readDnnlowpQparams};
}

} // namespace io
