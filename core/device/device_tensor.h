#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <optional>
#include <string>

namespace core {

/// One tensor that another runtime wrote down.
struct DeviceTensor
{
    std::string name; ///< as the dump calls it
    std::string file; ///< for messages
    Tensor tensor; ///< numbers as stored, row-major of the stored shape
    bool hasShape = true; ///< false: numbers in a row
    std::string layout{}; ///< of Arrangement by name; empty: found out
    std::optional<double> scale{}; ///< of codes: real = scale × (code − zeroPoint)
    std::int32_t zeroPoint = 0;
    std::size_t sample = 0; ///< index of the evaluation sample, from 0
};

} // namespace core
