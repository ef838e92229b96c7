#pragma once

#include "core/tensor.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace onnx {
class TensorProto;
}

namespace io {

/// ONNX's number of an element type. Throws core::Error(UnsupportedOperator) naming `what` for those we do
/// not hold.
[[nodiscard]] core::DataType dataTypeOfProto(std::int32_t type, const std::string& what);

/// The tensor of a proto: raw data, typed data, or external data from inside `folder` (empty: none allowed).
/// Every size is checked before memory is asked for. Throws core::Error naming the tensor.
[[nodiscard]] core::Tensor tensorOfProto(const onnx::TensorProto& proto, const std::filesystem::path& folder);

} // namespace io
