#include "core/graph/operator_traits.h"
#include "core/quantization/linear_arithmetic.h"
#include "core/quantization/scheme.h"
#include "io/exports/definitions.h"
#include "io/exports/support.h"
#include "io/plans/observer_text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>

namespace io {

namespace {

std::string quoted(const std::string& text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + "\"";
}

/// Observer files are split at blanks.
std::string oneWord(std::string name)
{
    std::ranges::replace(name, ' ', '_');
    return name;
}

/// Sums of 16 bits with weights of more bits apart, as DNNLOWP_ACC16 has them; null: exact sums.
const core::LinearArithmetic* outlierSplitOf(const ExportSource& source, const std::string& op)
{
    const auto id = source.graph->find(op);
    const core::LinearArithmetic* arithmetic =
        id ? &source.resolved->operators[core::indexOf(*id)].arithmetic : nullptr;
    return arithmetic && arithmetic->accumulator == kernels::AccumulatorForm::Acc16 ? arithmetic : nullptr;
}

/// What DNNLOWP has on codes.
constexpr std::string_view kInt8Types[]{"Int8Conv",        "Int8FC",     "Int8BatchMatMul", "Int8Add",
                                        "Int8Sum",         "Int8Mul",    "Int8SpatialBN",   "Int8MaxPool",
                                        "Int8AveragePool", "Int8Relu",   "Int8Tanh",        "Int8Sigmoid",
                                        "Int8Concat",      "Int8Gather", "Int8GroupNorm"};
constexpr std::string_view kRelu = std::string_view("Int8Relu").substr(4);
constexpr std::string_view kTakeRelu[]{"Int8Conv", "Int8FC", "Int8Sum", "Int8SpatialBN"};
/// ONNX's name and Caffe2's, where they differ.
constexpr std::string_view kRenamed[]{"BatchNormalization SpatialBN", "GroupNormalization GroupNorm",
                                      "GlobalAveragePool AveragePool"};

struct Int8Type
{
    std::string name; ///< empty: DNNLOWP has none of that kind
    bool holdsActivation = true; ///< what is fused behind it, if anything
};

Int8Type int8TypeOf(const core::Operator& op)
{
    std::string plain = op.type;
    for (const std::string_view pair : kRenamed) {
        const std::size_t blank = pair.find(' ');
        if (pair.substr(0, blank) == op.type) {
            plain = pair.substr(blank + 1);
        }
    }
    if (core::isGemm(op.type) || core::isMatMul(op.type)) {
        const bool isMatrix = op.constants.size() > 1 && op.constants[1] && op.constants[1]->rank() == 2;
        plain = core::isGemm(op.type) || isMatrix ? "FC" : "BatchMatMul";
    }
    Int8Type type{"Int8" + plain};
    using Kind = kernels::Activation::Kind;
    if (op.activation.kind == Kind::Relu && type.name == "Int8Add") {
        type.name = "Int8Sum"; // which has a form with Relu
    }
    if (std::ranges::find(kInt8Types, type.name) == std::end(kInt8Types)) {
        return {{}, op.activation.kind == Kind::None};
    }
    const bool takesRelu = std::ranges::find(kTakeRelu, type.name) != std::end(kTakeRelu);
    if (op.activation.kind == Kind::Relu && takesRelu) {
        type.name += kRelu;
    } else {
        type.holdsActivation = op.activation.kind == Kind::None;
    }
    return type;
}

std::string intArgument(std::string_view name, std::int64_t value)
{
    return fmt::format(" arg {{ name: \"{}\" i: {} }}", name, value);
}

/// What DNNLOWP must know of an operator on codes beside its params.
std::string integerArguments(const ExportSource& source, core::OperatorId id)
{
    const core::Operator& op = source.graph->at(id);
    const core::ResolvedOperator& how = source.resolved->operators[core::indexOf(id)];
    const auto& value = source.resolved->values[core::indexOf(op.result())];
    std::string text;
    const core::Follower follower = core::followerOf(*source.graph, op.result());
    const bool isTable = follower == core::Follower::Sigmoid || follower == core::Follower::Tanh;
    if (isTable || (follower == core::Follower::Relu && value && value->readersRange)) {
        const core::OperatorId reader = source.graph->consumersOf[core::indexOf(op.result())].front();
        text += fmt::format(" arg {{ name: \"followed_by\" s: {} }}", quoted(source.graph->at(reader).type));
    }
    if (how.writesCodes && value && value->params.bits != 8) {
        text += intArgument("activation_precision", value->params.bits);
    }
    if (how.weights && how.weights->params.bits != 8) {
        text += intArgument("weight_precision", how.weights->params.bits);
    }
    if (how.weights && how.weights->params.isPerChannel()) {
        if (core::isConvolution(op.type)) {
            text += op.node.integer("group", 1) > 1 ? intArgument("quantize_groupwise", 1) : "";
        } else {
            text += intArgument("quantize_channelwise", 1);
        }
    }
    if (how.intermediate) {
        text += intArgument("eltwise_quantization_precision", how.intermediate->bits);
    }
    if (how.arithmetic.factorBits != 32) {
        text += intArgument("requantization_multiplier_precision", how.arithmetic.factorBits);
    }
    return text;
}

/// Losses that Caffe2's operator itself brings.
void addOperatorLosses(const ExportSource& source, core::OperatorId id, std::vector<ExportLoss>& losses)
{
    const core::Operator& op = source.graph->at(id);
    const core::ResolvedOperator& how = source.resolved->operators[core::indexOf(id)];
    const Int8Type type = int8TypeOf(op);
    if (type.name.empty()) {
        losses.push_back({op.name,
                          fmt::format("DNNLOWP has no Int8 form of {}: its ONNX type stands in the "
                                      "net",
                                      op.type)});
    }
    if (op.residual) {
        losses.push_back({op.name,
                          "the sum that is part of it is no part of Caffe2's operator: plan with "
                          "fuse_residual=false"});
    }
    if (!type.holdsActivation) {
        losses.push_back({op.name,
                          "the activation that is part of it is no part of Caffe2's operator: plan "
                          "with fusion=off"});
    }
    const bool isPerChannel = how.weights && how.weights->params.isPerChannel();
    const std::int64_t groups = op.node.integer("group", 1);
    if (isPerChannel && core::isConvolution(op.type)
        && groups != static_cast<std::int64_t>(how.weights->params.scale.size())) {
        losses.push_back({op.name,
                          fmt::format("a scale for each of {} channels: Caffe2's Conv holds one for "
                                      "each of its {} groups",
                                      how.weights->params.scale.size(), groups)});
    }
}

std::string engineOf(const OperatorEncoding& op, const EncodingTable& table, bool isOutlierSplit)
{
    if (isOutlierSplit) {
        return "DNNLOWP_ACC16";
    }
    const auto weight = std::ranges::find(table.weights, op.name, &TensorEncoding::op);
    const TensorEncoding* output = table.activation(op.output);
    const bool wide = output && output->params.bits > 8;
    const bool rowwise = weight != table.weights.end() && weight->params.isPerChannel() && op.type != "Conv";
    return std::string("DNNLOWP") + (rowwise ? "_ROWWISE" : "") + (wide ? "_16" : "");
}

/// Counts of 2·kHalf bins and their range, as DynamicHistogram writes them; exact zeros in the bin that
/// begins at 0.
ObservedOutput histogramLine(int index, const std::string& type, const std::string& tensor,
                             const core::TensorStatistics& s)
{
    ObservedOutput line{index, type.empty() ? "Input" : type, 0, oneWord(tensor), std::nullopt, 0.0, 0.0, {}};
    const auto& h = s.histogram;
    if (h.isEmpty()) {
        line.counts = {s.total.zeros};
        line.max = 1.0;
        return line;
    }
    const auto counts = h.counts();
    const auto first = std::ranges::find_if(counts, [](auto n) { return n > 0; }) - counts.begin();
    auto last = static_cast<std::ptrdiff_t>(counts.size()) - 1;
    while (last > first && counts[static_cast<std::size_t>(last)] == 0) {
        --last;
    }
    const auto from = std::min<std::ptrdiff_t>(first, core::GrowingHistogram::kHalf);
    const auto to = std::max<std::ptrdiff_t>(last, core::GrowingHistogram::kHalf);
    line.counts.assign(counts.begin() + from, counts.begin() + to + 1);
    line.counts[static_cast<std::size_t>(core::GrowingHistogram::kHalf - from)] += s.total.zeros;
    line.min = h.lowerEdge(static_cast<int>(from));
    line.max = h.lowerEdge(static_cast<int>(to) + 1);
    return line;
}

Export writeCaffe2(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Export result;
    result.losses.push_back({"", "weights are not part of the arguments: DNNLOWP quantizes them itself"});
    result.losses.push_back(
        {"", "kernels, strides, pads and axes are not part of the arguments: the model has them"});
    std::string text;
    std::vector<ObservedOutput> ranges;
    std::vector<ObservedOutput> histograms;
    int index = 0;
    for (const OperatorEncoding& op : table.operators) {
        const TensorEncoding* output = table.activation(op.output);
        const core::OperatorId id = *source.graph->find(op.name);
        const core::Operator& own = source.graph->at(id);
        const std::string type = op.isFloat ? std::string() : int8TypeOf(own).name;
        text +=
            fmt::format("op {{ name: {} type: {}", quoted(op.name), quoted(type.empty() ? op.type : type));
        for (const core::ValueId input : own.inputs) {
            if (input != core::kNoValue) {
                text += " input: " + quoted(source.graph->value(input).name);
            }
        }
        text += " output: " + quoted(op.output);
        if (!op.isFloat) {
            const core::LinearArithmetic* split = outlierSplitOf(source, op.name);
            text += fmt::format(" engine: {}", quoted(engineOf(op, table, split != nullptr)));
            text += integerArguments(source, id);
            addOperatorLosses(source, id, result.losses);
            if (split && split->spillEvery != 256) {
                text += intArgument("copy_to_32bit_frequency", split->spillEvery);
            }
            if (split) {
                text += fmt::format(" arg {{ name: \"nbits_in_non_outlier\" i: {} }}", split->outlierBits);
            }
        }
        if (!op.isFloat && !output && op.type == "Conv") {
            result.losses.push_back({op.name, "writes float: DNNLOWP's Conv refuses dequantize_output"});
        } else if (!op.isFloat && !output) {
            text += " arg { name: \"dequantize_output\" i: 1 }";
        }
        if (!op.isFloat && output) {
            // Codes are unsigned: the zero point of signed ones moves by half of them.
            const int shift = output->params.codes.lowest < 0 ? 1 << (output->params.bits - 1) : 0;
            text += fmt::format(" arg {{ name: \"Y_scale\" f: {} }} arg {{ name: \"Y_zero_point\" i: {} }}",
                                shortest(output->params.scale[0]), output->params.zeroPoint[0] + shift);
        }
        text += " }\n";
        if (output) {
            const core::Range range = output->params.range();
            ranges.push_back({index, op.type, 0, oneWord(op.output), std::nullopt, range.min, range.max, {}});
        }
        if (op.isFloat && output) {
            result.losses.push_back(
                {op.output, "quantized where it is read: its operator is float and takes no arguments"});
        }
        if (source.statistics && source.statistics->contains(op.output)) {
            histograms.push_back(histogramLine(index, op.type, op.output, source.statistics->at(op.output)));
        }
        if (op.output.find(' ') != std::string::npos) {
            result.losses.push_back({op.output, "blanks of its name become _ in observer files"});
        }
        ++index;
    }
    for (const TensorEncoding& tensor : table.activations) {
        const auto id = source.graph->find(tensor.op);
        const OperatorEncoding* op = table.op(tensor.op);
        if (op && op->output != tensor.tensor) {
            result.losses.push_back(
                {tensor.tensor, "arguments tell the params of an operator's first output only"});
        } else if (id && source.graph->at(*id).type == "Input") {
            result.losses.push_back(
                {tensor.tensor, "inputs of a net have no arguments: give them to its Int8Quantize"});
        }
    }
    for (const core::Operator& op : source.graph->operators) {
        if (op.type == "Input") {
            text += "external_input: " + quoted(source.graph->value(op.result()).name) + "\n";
        }
    }
    for (const core::ValueId output : source.graph->graph->outputs()) {
        text += "external_output: " + quoted(source.graph->value(output).name) + "\n";
    }
    result.files = {{"", text}, {".minmax.txt", observerText(ranges, ObserverForm::MinMax)}};
    if (!histograms.empty()) {
        result.files.push_back({".histogram.txt", observerText(histograms, ObserverForm::Histogram)});
    }
    return result;
}

/// The quoted or bare word after a key, from a position on.
std::optional<std::string> wordAfter(std::string_view line, std::string_view key, std::size_t from = 0)
{
    std::size_t at = line.find(key, from);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    at += key.size();
    std::string word;
    if (at < line.size() && line[at] == '"') {
        for (++at; at < line.size() && line[at] != '"'; ++at) {
            at += line[at] == '\\' ? 1 : 0;
            word += at < line.size() ? line[at] : '"';
        }
        return word;
    }
    return std::string(line.substr(at, line.find(' ', at) - at));
}

EncodingTable readNet(std::string_view content, std::string_view file)
{
    EncodingTable table;
    const auto lines = linesOf(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        if (line.empty() || line.starts_with("external_")) {
            continue;
        }
        const auto name = wordAfter(line, "op { name: ");
        const auto output = wordAfter(line, " output: ");
        if (!name || !output) {
            refuseLine(file, i + 1, "op { name: \"…\" type: \"…\" output: \"…\" … } on one line is expected");
        }
        const std::string engine = wordAfter(line, " engine: ").value_or("");
        table.operators.push_back({*name,
                                   wordAfter(line, " type: ").value_or(""),
                                   *output,
                                   !engine.starts_with("DNNLOWP"),
                                   {},
                                   false,
                                   {}});
        if (const auto scale = wordAfter(line, "\"Y_scale\" f: ")) {
            core::QuantizationParams params;
            params.scale = {floatOf(*scale, file, i + 1)};
            params.zeroPoint = {static_cast<std::int32_t>(
                floatOf(wordAfter(line, "\"Y_zero_point\" i: ").value_or("0"), file, i + 1))};
            const int bits = static_cast<int>(floatOf(wordAfter(line, "\"activation_precision\" i: ")
                                                          .value_or(engine.ends_with("_16") ? "16" : "8"),
                                                      file, i + 1));
            if (bits < 2 || bits > 16) {
                refuseLine(file, i + 1, "activation_precision is 2 … 16");
            }
            if (bits != 8) {
                params.bits = bits;
                params.type = bits > 8 ? core::DataType::UInt16 : core::DataType::UInt8;
                params.codes = {0, (1 << bits) - 1};
            }
            if (!(params.scale[0] > 0.0f)) {
                refuseLine(file, i + 1, "Y_scale is positive");
            }
            table.activations.push_back({*output, *name, std::move(params), {}, false});
        }
    }
    return table;
}

/// Net arguments as written above, or an observer's file: DNNLOWP chooses u8 params from its ranges.
EncodingTable readCaffe2(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    if (content.starts_with("op {") || content.starts_with("external_")) { // a net may have no operators
        return readNet(content, file);
    }
    EncodingTable table;
    for (const ObservedOutput& output : parseObserverText(content, file)) {
        if (!output.column) {
            table.activations.push_back(
                {output.tensor,
                 {},
                 core::chooseActivationParams({output.min, output.max}, core::Scheme::Asymmetric, 8),
                 {},
                 false});
        }
    }
    return table;
}

} // namespace

ExportFormat caffe2Format()
{
    return {.name = "caffe2",
            .title = "Caffe2 DNNLOWP",
            .extension = ".dnnlowp.txt",
            .help = "a net of Int8 operators with engines, Y_scale, Y_zero_point and followed_by; min/max "
                    "and histogram files of its "
                    "observers beside it",
            .keepsWeights = false,
            .isDnnlowp = true,
            .write = writeCaffe2,
            .read = readCaffe2};
}

} // namespace io
