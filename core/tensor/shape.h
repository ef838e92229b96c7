#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace core {

using Shape = std::vector<std::int64_t>;

/// A dimension that is not known yet (dynamic in the model).
inline constexpr std::int64_t kDynamic = -1;

/// Product of the dimensions; 1 for a scalar. Throws core::Error on a negative dimension or past 2^40
/// elements.
[[nodiscard]] std::int64_t elementCount(std::span<const std::int64_t> shape);
[[nodiscard]] bool isStatic(std::span<const std::int64_t> shape);
[[nodiscard]] std::string
toString(std::span<const std::int64_t> shape); ///< "1x3x224x224", "scalar", "?" = dynamic
/// "[batch, 4, ?]": open dimensions by their names, where they have any.
[[nodiscard]] std::string toString(std::span<const std::int64_t> shape,
                                   const std::vector<std::string>& dimensionNames);

/// NumPy broadcasting of two shapes. Throws core::Error naming both if they do not fit.
[[nodiscard]] Shape broadcastShapes(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

/// Row-major strides in elements.
[[nodiscard]] Shape rowMajorStrides(std::span<const std::int64_t> shape);

/// axis in [-rank, rank) → [0, rank). Throws core::Error otherwise.
[[nodiscard]] std::int64_t normalizedAxis(std::int64_t axis, std::size_t rank);

} // namespace core
