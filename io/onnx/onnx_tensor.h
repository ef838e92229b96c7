#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace onnx {
class TensorProto;
}

namespace io {

/// Element types of 4 bits, newer than the protobuf definitions that we build with. Such tensors are held one
/// code per byte, as int8 and uint8; the nodes that read them say `code_bits` 4 (see readOnnx).
inline constexpr int kProtoUInt4 = 21;
inline constexpr int kProtoInt4 = 22;

/// ONNX's number of an element type. Throws core::Error(UnsupportedOperator) naming `what` for those we do
/// not hold.
[[nodiscard]] core::DataType dataTypeOfProto(std::int32_t type, const std::string& what);

/// The tensor of a proto: raw data, typed data, or external data from inside `folder` (empty: none allowed).
/// Every size is checked before memory is asked for. Throws core::Error naming the tensor.
[[nodiscard]] core::Tensor tensorOfProto(const onnx::TensorProto& proto, const std::filesystem::path& folder);

/// Bytes that the tensor takes from another file; 0 for one that lies in the model. No size is too large.
[[nodiscard]] double externalBytesOf(const onnx::TensorProto& proto);

} // namespace io
