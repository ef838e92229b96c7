#pragma once

#include "kernels/post_operation.h"
#include "kernels/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kernels {

/// What follows exact int32 accumulators of rows of `scale.size()` channels, in FP32:
/// r = activation((acc + bias[c])·scale[c] + s_r·(q_r − z_r)), then quantizeLinear. F32 dst receives r, S32
/// dst acc + bias[c].
struct IntegerEpilogue
{
    std::vector<float> scale; ///< s_x·s_w[c], one per channel
    std::vector<std::int32_t> bias; ///< one per channel, or empty
    Activation activation;
    std::optional<QuantizedFormat> residual;
    QuantizedFormat dst;

    /// accumulators: rows of channels. dst and residual are the matching parts of the whole tensors;
    /// residual may be dst.
    void apply(std::span<const std::int32_t> accumulators, std::span<const std::byte> residualCodes,
               std::span<std::byte> dstBytes) const;
};

} // namespace kernels
