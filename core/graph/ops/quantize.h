#pragma once

#include "core/graph/operator_registry.h"
#include "core/tensor/data_type.h"

namespace core::ops {

/// Smallest and largest code of an 8-, 16- or 32-bit integer type. Throws core::Error for other types.
struct CodeRange
{
    std::int64_t low = 0;
    std::int64_t high = 0;
};
[[nodiscard]] CodeRange codeRange(DataType type);

/// saturate(roundHalfEven(x) + zeroPoint); NaN gives the zero point.
[[nodiscard]] std::int64_t codeOf(double x, std::int64_t zeroPoint, CodeRange range);

/// A scale or zero point for every element of a tensor of `shape`: one for all; or one per index of `axis`;
/// or, with block size b > 0, one per b elements along `axis`. Throws naming the node when its shape is none
/// of these.
[[nodiscard]] Tensor spreadParameter(const Node& node, const Tensor& parameter, const Shape& shape,
                                     std::int64_t axis, std::int64_t blockSize);

/// Throws naming node and input where a scale that stands in the model is not positive and finite: no real
/// number has a code then.
void requireScale(const InferContext& context, std::size_t i);

} // namespace core::ops
