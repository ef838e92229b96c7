#pragma once

namespace onnx {
class GraphProto;
}

namespace io {

/// A model of a few bytes may ask for any amount of another file, over and over. Throws
/// core::Error(OutOfBudget) with both sizes unless all tensors of external data, those of inner graphs too,
/// fit into the memory of this computer; nothing is read.
void requireMemoryForExternalData(const onnx::GraphProto& graph);

} // namespace io
