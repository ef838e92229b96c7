#pragma once

#include <span>

namespace kernels {

/// Whether no value is NaN or infinite.
[[nodiscard]] bool allFinite(std::span<const float> values);

} // namespace kernels
