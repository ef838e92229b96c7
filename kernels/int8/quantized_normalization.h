#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// Blocks of consecutive elements that are normalized each by itself. LayerNormalization: a block is a row, a
/// factor per element (stride 1). Instance- and GroupNormalization, row-major: a block is a channel or group
/// of one item, a factor per channel (stride = elements of a channel).
struct NormalizationShape
{
    std::size_t length = 1; ///< elements of a block
    std::size_t parameterStride = 1; ///< element i of the tensor has the factor (i / stride) % gamma.size()
};

/// r = (x − mean) / sqrt(variance + epsilon) · gamma + beta over each block, then quantizeLinear.
/// Codes of U8 or S8. Mean and variance come from exact integer sums of the codes; the rest is FP32, where a
/// result may fall to the other side of a tie than in referenceNormalize, which computes in double. beta may
/// be empty. src and dst: a whole number of blocks.
void normalize(const NormalizationShape& shape, float epsilon, std::span<const std::byte> src,
               const QuantizedFormat& srcFormat, std::span<const float> gamma, std::span<const float> beta,
               std::span<std::byte> dst, const QuantizedFormat& dstFormat);

void referenceNormalize(const NormalizationShape& shape, float epsilon, std::span<const std::byte> src,
                        const QuantizedFormat& srcFormat, std::span<const float> gamma,
                        std::span<const float> beta, std::span<std::byte> dst,
                        const QuantizedFormat& dstFormat);

} // namespace kernels
