#include "io/exports/definitions.h"
#include "io/exports/qdq_export.h"
#include "io/exports/read_quantized_model.h"

namespace io {

namespace {

EncodingTable readModel(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    return readQuantizedModel(content, file).table;
}

Export exported(const ExportSource& source, const QdqOptions& options)
{
    QdqModel model = exportQdq(*source.graph, *source.resolved, options);
    return {{{"", std::move(model.bytes)}}, std::move(model.losses)};
}

} // namespace

ExportFormat qdqFormat()
{
    return {.name = "qdq",
            .title = "ONNX QDQ (opset 13)",
            .extension = ".qdq.onnx",
            .help = "ONNX Runtime, TensorRT 8 and later, OpenVINO; opset 13",
            .isModel = true,
            .keepsOperators = false,
            .keepsRepairs = true,
            .write = [](const ExportSource& source) { return exported(source, {}); },
            .read = readModel};
}

ExportFormat qdq21Format()
{
    return {.name = "qdq-21",
            .title = "ONNX QDQ (opset 21)",
            .extension = ".qdq.onnx",
            .help = "the same for runtimes of 2024 and later: 16-bit codes in ONNX's own domain, 4-bit "
                    "codes, weights in blocks",
            .isModel = true,
            .keepsOperators = false,
            .keepsRepairs = true,
            .write = [](const ExportSource& source) { return exported(source, {.opset = 21}); },
            .read = readModel};
}

ExportFormat qOperatorFormat()
{
    return {.name = "qoperator",
            .title = "ONNX with QLinear operators",
            .extension = ".qoperator.onnx",
            .help = "ONNX Runtime: QLinearConv and the like, codes between operators",
            .isModel = true,
            .keepsOperators = false,
            .keepsRepairs = true,
            .write =
                [](const ExportSource& source) {
                    return exported(source, {.form = QdqOptions::Form::QOperator});
                },
            .read = readModel};
}

} // namespace io
