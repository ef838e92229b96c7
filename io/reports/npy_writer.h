#pragma once

#include "core/tensor/tensor.h"

#include <string>

namespace io {

/// A NumPy .npy file, version 1.0, little-endian, C order. Throws core::Error(Usage) for types that NumPy has
/// not.
[[nodiscard]] std::string tensorToNpy(const core::Tensor& tensor);

} // namespace io
