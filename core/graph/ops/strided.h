#pragma once

#include "core/tensor/tensor.h"

namespace core::ops {

/// dst[i0, i1, …] = src[offset + Σ i_k · strides[k]]: the one copy behind Transpose, Slice, Expand and
/// broadcasting. Strides are in elements and may be zero or negative; every index must lie inside src.
[[nodiscard]] Tensor stridedCopy(const Tensor& src, Shape shape, const Shape& strides,
                                 std::int64_t offset = 0);

/// src broadcast to `shape` as NumPy does it; src itself when the shape is already right.
[[nodiscard]] Tensor broadcastTo(const Tensor& src, const Shape& shape);

/// Axis k of the result is axis permutation[k] of src.
[[nodiscard]] Tensor transposed(const Tensor& src, const std::vector<std::int64_t>& permutation);

/// A tensor of one repeated element, given as a tensor of one element.
[[nodiscard]] Tensor filled(const Tensor& element, Shape shape);

/// All elements zero (or false).
[[nodiscard]] Tensor zeros(DataType type, Shape shape);

/// Product of the dimensions [first, last).
[[nodiscard]] std::int64_t extent(const Shape& shape, std::size_t first, std::size_t last);

} // namespace core::ops
