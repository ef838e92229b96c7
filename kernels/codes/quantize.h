#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// dst[i] = saturate(roundHalfEven(src[i] / scale) + zeroPoint), as ONNX QuantizeLinear: a true division.
/// ±infinity saturates; NaN gives the zero point. dst: U8, S8, U16, S16 (or S32), saturated to
/// lowest…highest.
void quantizeLinear(std::span<const float> src, const QuantizedFormat& format, std::span<std::byte> dst);

/// dst[i] = scale × (src[i] − zeroPoint), in FP32; the difference is exact.
void dequantizeLinear(std::span<const std::byte> src, const QuantizedFormat& format, std::span<float> dst);

/// Where the channels of a span lie: element i belongs to channel (i / stride) % channels.
/// Channels-last activations: stride 1. Axis 0 of weights: channels = O, stride = elements per channel.
struct ChannelLayout
{
    std::size_t channels = 1;
    std::size_t stride = 1;
};

/// quantizeLinear with a scale and zero point per channel (zeroPoint empty = 0); format gives type and bounds
/// only.
void quantizePerChannel(std::span<const float> src, ChannelLayout layout, std::span<const float> scale,
                        std::span<const std::int32_t> zeroPoint, const QuantizedFormat& format,
                        std::span<std::byte> dst);
void dequantizePerChannel(std::span<const std::byte> src, ChannelLayout layout, std::span<const float> scale,
                          std::span<const std::int32_t> zeroPoint, ElementType type, std::span<float> dst);

/// dst = saturate(roundHalfEven((s_x·(q − z_x)) / s_y) + z_y): dequantizeLinear, then quantizeLinear.
void requantize(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                const QuantizedFormat& dstFormat);

} // namespace kernels
