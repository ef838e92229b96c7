#pragma once

namespace onnx {
class ModelProto;
}

namespace io {

/// Makes every name of the model printable(): of values, nodes, operators, attributes and graphs, wherever
/// they are written or read, in subgraphs and functions too. From here on a name can be printed, put in JSON
/// and written to a file as it is.
void makeNamesPrintable(onnx::ModelProto& model);

} // namespace io
