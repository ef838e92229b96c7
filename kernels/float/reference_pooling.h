#pragma once

#include "kernels/float/pooling.h"

#include <cstddef>
#include <span>

namespace kernels {

/// Readable twins of maxPool and averagePool: window by window, sums in double.
void maxPoolReference(const PoolingShape& shape, std::span<const float> src, std::span<float> dst);
void averagePoolReference(const PoolingShape& shape, PaddingCount padding, std::span<const float> src,
                          std::span<float> dst);
/// Twin of the average of codes: sum in int64, factor in double.
void averagePoolReference(const PoolingShape& shape, PaddingCount padding, const QuantizedFormat& srcFormat,
                          std::span<const std::byte> src, const QuantizedFormat& dstFormat,
                          std::span<std::byte> dst);

} // namespace kernels
