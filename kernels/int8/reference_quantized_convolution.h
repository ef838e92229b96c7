#pragma once

#include "kernels/int8/quantized_convolution.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// acc = Σ (q_x − z_x)·(q_w − z_w[c]) of every element of dst, channels-last, in int64; no bias.
[[nodiscard]] std::vector<std::int64_t> accumulatorsReference(const QuantizedConvolutionSpec& spec,
                                                              std::span<const std::byte> src);

/// The readable twin of QuantizedConvolution: accumulators in int64, then
/// storeRequantized.
void quantizedConvolutionReference(const QuantizedConvolutionSpec& spec, std::span<const std::byte> src,
                                   std::span<const std::byte> residual, std::span<std::byte> dst);

} // namespace kernels
