#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace io {

namespace {

constexpr std::string_view kHeader =
    "kind,tensor,operator,type,bits,signed,axis,scale,zero_point,min,max,method";

std::string cell(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + "\"";
}

std::string row(std::string_view kind, const TensorEncoding& tensor)
{
    const core::QuantizationParams& p = tensor.params;
    std::string scale;
    std::string zeroPoint;
    std::string min;
    std::string max;
    for (std::size_t c = 0; c < p.scale.size(); ++c) {
        const std::string separator = c ? ";" : "";
        scale += separator + shortest(p.scale[c]);
        zeroPoint += separator + std::to_string(p.zeroPoint[c]);
        min += separator + shortest(p.range(c).min);
        max += separator + shortest(p.range(c).max);
    }
    std::string axis = p.axis ? std::to_string(*p.axis) : "";
    axis += p.group > 0 ? fmt::format(":{}", p.group) : ""; // groups of that many source channels
    return fmt::format("{},{},{},,{},{},{},{},{},{},{},{}\n", kind, cell(tensor.tensor), cell(tensor.op),
                       p.bits, p.codes.lowest < 0 ? 1 : 0, axis, scale, zeroPoint, min, max,
                       cell(tensor.method));
}

Export writeCsv(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    std::string text = fmt::format("{}\n", kHeader);
    for (const OperatorEncoding& op : table.operators) {
        text += fmt::format("{},{},{},{},,,,,,,,{}\n", op.isFloat ? "float" : "integer", cell(op.output),
                            cell(op.name), op.type, cell(op.reason));
    }
    for (const TensorEncoding& tensor : table.activations) {
        text += row("activation", tensor);
    }
    for (const TensorEncoding& tensor : table.weights) {
        text += row("weight", tensor);
    }
    return {{{"", std::move(text)}}, {}};
}

std::vector<std::string> cellsOf(std::string_view line)
{
    std::vector<std::string> cells(1);
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && inside && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += line[++i];
        } else if (line[i] == '"') {
            inside = !inside;
        } else if (line[i] == ',' && !inside) {
            cells.emplace_back();
        } else {
            cells.back() += line[i];
        }
    }
    return cells;
}

/// The ends of a range may lie just beyond a float.
std::vector<double> realsOf(std::string_view text, std::string_view file, std::size_t line)
{
    std::vector<double> numbers;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(';'));
        double number = 0.0;
        const auto end = std::from_chars(word.data(), word.data() + word.size(), number);
        if (end.ec != std::errc() || end.ptr != word.data() + word.size() || !std::isfinite(number)) {
            refuseLine(file, line, fmt::format("'{}' is no number", word));
        }
        numbers.push_back(number);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return numbers;
}

std::vector<float> numbersOf(std::string_view text, std::string_view file, std::size_t line)
{
    std::vector<float> numbers;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(';'));
        numbers.push_back(floatOf(word, file, line));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return numbers;
}

TensorEncoding tensorOf(const std::vector<std::string>& cells, std::string_view file, std::size_t line)
{
    TensorEncoding tensor{cells[1], cells[2], {}, cells[11], false};
    core::QuantizationParams& p = tensor.params;
    p.bits = static_cast<int>(floatOf(cells[4], file, line));
    if (p.bits < 2 || p.bits > 16) {
        refuseLine(file, line, "bits of 2 to 16 are expected");
    }
    const bool isSigned = cells[5] == "1";
    p.type = p.bits <= 8 ? (isSigned ? core::DataType::Int8 : core::DataType::UInt8)
                         : (isSigned ? core::DataType::Int16 : core::DataType::UInt16);
    const int half = 1 << (p.bits - 1);
    if (!cells[6].empty()) {
        const std::string_view axis = cells[6];
        const std::size_t colon = axis.find(':');
        p.axis = static_cast<int>(floatOf(axis.substr(0, colon), file, line));
        p.group = colon == std::string_view::npos
            ? 0
            : static_cast<int>(floatOf(axis.substr(colon + 1), file, line));
        if (p.group < 0 || p.group > 1 << 20) {
            refuseLine(file, line, "a group of at least one channel is expected");
        }
    }
    p.scale = numbersOf(cells[7], file, line);
    for (const float zeroPoint : numbersOf(cells[8], file, line)) {
        p.zeroPoint.push_back(static_cast<std::int32_t>(zeroPoint));
    }
    if (p.scale.empty() || p.scale.size() != p.zeroPoint.size()) {
        refuseLine(file, line, "as many zero points as scales are expected");
    }
    // Codes may be narrower than their type: what min and max stand for says so.
    const core::CodeRange whole =
        isSigned ? core::CodeRange{-half, half - 1} : core::CodeRange{0, 2 * half - 1};
    const auto codeOf = [&](const std::string& reals, std::int32_t otherwise) {
        const auto numbers = realsOf(reals, file, line);
        const double code =
            numbers.empty() ? otherwise : std::nearbyint(numbers[0] / p.scale[0]) + p.zeroPoint[0];
        return static_cast<std::int32_t>(std::clamp<double>(code, whole.lowest, whole.highest));
    };
    p.codes = {codeOf(cells[9], whole.lowest), codeOf(cells[10], whole.highest)};
    if (!(p.scale[0] > 0.0f) || p.codes.lowest >= p.codes.highest) {
        refuseLine(file, line, "positive scales, and min below max, are expected");
    }
    return tensor;
}

EncodingTable readCsv(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    const auto lines = linesOf(content);
    if (lines.empty() || lines[0] != kHeader) {
        refuseLine(file, 1, fmt::format("the header {} is expected", kHeader));
    }
    EncodingTable table;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto cells = cellsOf(lines[i]);
        if (cells.size() != 12) {
            refuseLine(file, i + 1, fmt::format("{} cells instead of 12", cells.size()));
        }
        if (cells[0] == "activation") {
            table.activations.push_back(tensorOf(cells, file, i + 1));
        } else if (cells[0] == "weight") {
            table.weights.push_back(tensorOf(cells, file, i + 1));
        } else {
            table.operators.push_back(
                {cells[2], cells[3], cells[1], cells[0] == "float", cells[11], false, {}});
        }
    }
    return table;
}

} // namespace

ExportFormat csvFormat()
{
    return {.name = "csv",
            .title = "Table of tensors and operators",
            .extension = ".csv",
            .help = "for spreadsheets and scripts: every scale, zero point and range",
            .keepsCodes = true,
            .write = writeCsv,
            .read = readCsv};
}

} // namespace io
