#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include <fmt/format.h>

namespace io {

namespace {

Export writeOrtCalibration(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    std::string text;
    for (const TensorEncoding& tensor : table.activations) {
        text += fmt::format("{} {}\n", tensor.tensor, shortest(largestMagnitude(tensor.params)));
    }
    Export result{{{"", std::move(text)}},
                  {{"", "weights are not part of the table: the runtime quantizes them itself"}}};
    append(result.losses, lossesOfSymmetricFormat(table));
    append(result.losses, lossesOfFloatOperators(table, "name it in nodes_to_exclude"));
    return result;
}

EncodingTable readOrtCalibration(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    EncodingTable table;
    const auto lines = linesOf(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) {
            continue;
        }
        const std::size_t blank = lines[i].rfind(' ');
        if (blank == std::string_view::npos) {
            refuseLine(file, i + 1, "NAME MAGNITUDE is expected");
        }
        const float magnitude = floatOf(lines[i].substr(blank + 1), file, i + 1);
        if (!(magnitude >= 0.0f)) {
            refuseLine(file, i + 1, "a magnitude is not negative");
        }
        table.activations.push_back({std::string(lines[i].substr(0, blank)),
                                     {},
                                     symmetricParams(static_cast<double>(magnitude), 8),
                                     {},
                                     false});
    }
    return table;
}

} // namespace

ExportFormat ortCalibrationFormat()
{
    return {.name = "ort-calibration",
            .title = "ONNX Runtime calibration table",
            .extension = ".calibration.cache",
            .help = "TensorRT execution provider of ONNX Runtime, as text: one magnitude per tensor",
            .keepsWeights = false,
            .keepsOperators = false,
            .write = writeOrtCalibration,
            .read = readOrtCalibration};
}

} // namespace io
