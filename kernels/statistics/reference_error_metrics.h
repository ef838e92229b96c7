#pragma once

#include "kernels/statistics/error_metrics.h"

#include <cstddef>
#include <span>

namespace kernels {

/// Readable twins of compare() and splitQuantization(): element by element in double.
[[nodiscard]] ErrorSums compareReference(std::span<const float> y, std::span<const float> approximation,
                                         ChannelLayout layout);
[[nodiscard]] QuantizationSplit splitQuantizationReference(std::span<const float> y,
                                                           const QuantizedFormat& format);

} // namespace kernels
