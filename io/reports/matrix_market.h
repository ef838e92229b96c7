#pragma once

#include "core/tensor/tensor.h"

#include <string>
#include <string_view>

namespace io {

/// Matrix Market, dense ("array"): rows = first dimension, columns = all others in row-major order; a scalar
/// is 1 × 1, a vector one column. Values stand column by column, as the format asks. Floats in shortest
/// round-trip form. A comment line tells name and shape. Source: Boisvert, Pozo, Remington, The Matrix Market
/// Exchange Formats (1996).
[[nodiscard]] std::string tensorToMatrixMarket(const core::Tensor& tensor, std::string_view name);

} // namespace io
