#pragma once

#include "core/tensor/tensor.h"

#include <filesystem>
#include <string>
#include <vector>

namespace io {

/// One tensor of a dump: of an operator, in a role ("fp32", "quantized", "codes", "weights", "weight_codes").
struct DumpedTensor
{
    std::string op;
    std::string role;
    core::Tensor tensor;
    std::vector<float> scale; ///< of codes: real = scale × (code − zeroPoint)
    std::vector<std::int32_t> zeroPoint;
};

enum class DumpFormat : std::uint8_t
{
    Hdf5,
    Npy,
    MatrixMarket
};

/// Hdf5: one file at `path`, a group for each operator (`/` in names becomes `_`, the name stands in
/// attribute "operator"), scales and zero points beside codes as `ROLE_scale`, `ROLE_zero_point`. Npy,
/// MatrixMarket: `path` is a folder, made if absent, with OPERATOR.ROLE.npy or .mtx; scales beside codes
/// likewise. Throws core::Error(Io) naming the file.
void writeDump(const std::vector<DumpedTensor>& tensors, DumpFormat format,
               const std::filesystem::path& path);

} // namespace io
