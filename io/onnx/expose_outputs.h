#pragma once

#include "core/tensor/data_type.h"
#include "core/tensor/shape.h"

#include <string>
#include <string_view>
#include <vector>

namespace io {

struct ExposedTensor
{
    std::string name;
    core::DataType type = core::DataType::Float32;
    core::Shape shape;
};

/// The model with inner tensors as further graph outputs, so that a runtime returns them. Tensors that no
/// node writes are left out and named in `missing`; codes of 4 bits come back as bytes. Throws
/// core::Error(FileFormat).
[[nodiscard]] std::string withExposedOutputs(std::string_view model,
                                             const std::vector<ExposedTensor>& tensors,
                                             std::vector<std::string>& missing);

} // namespace io
