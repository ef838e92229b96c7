#pragma once

#include "core/graph/graph.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace io {

/// A model as it stands in its file: dimensions may be dynamic, nothing is folded.
struct OnnxModel
{
    core::Graph graph;
    std::string file; ///< base name
    std::string sha256; ///< of the file
    std::size_t nodes = 0; ///< in the file, before any folding
    std::int64_t irVersion = 0;
    std::string producer;
    std::map<std::string, int> opsets; ///< by domain; ai.onnx is ""
};

/// Reads an ONNX file. Tensors of 4 bits are held one code per byte; QuantizeLinear and DequantizeLinear
/// nodes on them get an attribute `code_bits` 4. External data is taken from inside the model's folder only.
/// Throws core::Error naming the file: truncated, not protobuf, wrong sizes, unknown element types, duplicate
/// names.
[[nodiscard]] OnnxModel readOnnx(const std::filesystem::path& path);

/// The same from memory; external data is refused. `file` is for messages.
[[nodiscard]] OnnxModel readOnnxBytes(std::string_view bytes, const std::string& file);

/// One serialized TensorProto, as ONNX's backend tests keep inputs and outputs (.pb).
[[nodiscard]] core::Tensor readTensorProto(const std::filesystem::path& path);

} // namespace io
