#pragma once

#include "kernels/shape/quantized_format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// Sizes of a pooling of any rank; arrays as in ConvolutionShape. All tensors are channels-last and dense.
/// dst is given, not derived: ceil_mode shows only there. Global pooling: kernel = src, dst = 1.
struct PoolingShape
{
    using Sizes = std::array<std::int64_t, 3>;

    int spatialRank = 2; ///< 1…3
    std::int64_t batch = 1;
    std::int64_t channels = 1;
    Sizes src{1, 1, 1};
    Sizes kernel{1, 1, 1};
    Sizes stride{1, 1, 1};
    Sizes dilation{1, 1, 1};
    Sizes padBegin{0, 0, 0};
    Sizes padEnd{0, 0, 0};
    Sizes dst{1, 1, 1};

    bool operator==(const PoolingShape&) const = default;
    [[nodiscard]] std::int64_t srcCount() const;
    [[nodiscard]] std::int64_t dstCount() const;
};

/// Whether padding counts in the divisor of an average (ONNX count_include_pad). Positions past padEnd, which
/// ceil_mode can reach, never count.
enum class PaddingCount : std::uint8_t
{
    Exclude,
    Include
};

/// dst = the largest value under the window, NaN where one is; padding never wins. An all-padding window
/// gives −infinity.
void maxPool(const PoolingShape& shape, std::span<const float> src, std::span<float> dst);
/// The same on codes, which keep their scale and zero point. type: U8 or S8. An all-padding window gives the
/// lowest code.
void maxPool(const PoolingShape& shape, ElementType type, std::span<const std::byte> src,
             std::span<std::byte> dst);

/// dst = sum under the window / count, summed in FP32. An empty window gives 0.
void averagePool(const PoolingShape& shape, PaddingCount padding, std::span<const float> src,
                 std::span<float> dst);
/// dst = saturate(roundHalfEven(Σ(q − z_x)·(s_x/s_y) / count) + z_y): the sum exact in int32, the factor in
/// FP32. U8 or S8 on both sides.
void averagePool(const PoolingShape& shape, PaddingCount padding, const QuantizedFormat& srcFormat,
                 std::span<const std::byte> src, const QuantizedFormat& dstFormat, std::span<std::byte> dst);

} // namespace kernels
