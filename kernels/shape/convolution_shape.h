#pragma once

#include <array>
#include <cstdint>

namespace kernels {

/// Sizes of a convolution of any rank. Of every array the first spatialRank entries count, in ONNX order
/// (width | height, width | depth, height, width); the rest keep their defaults.
struct ConvolutionShape
{
    using Sizes = std::array<std::int64_t, 3>;

    int spatialRank = 2; ///< 1…3
    std::int64_t batch = 1;
    std::int64_t srcChannels = 1;
    std::int64_t dstChannels = 1;
    std::int64_t groups = 1; ///< divides both channel counts; depthwise where equal to srcChannels
    Sizes src{1, 1, 1};
    Sizes kernel{1, 1, 1};
    Sizes stride{1, 1, 1};
    Sizes dilation{1, 1, 1}; ///< 1 = dense, as in ONNX
    Sizes padBegin{0, 0, 0};
    Sizes padEnd{0, 0, 0};
    Sizes outputPadding{0, 0, 0}; ///< transposed only
    Sizes dst{1, 1, 1};
    bool transposed = false; ///< ONNX ConvTranspose: scatter instead of gather

    bool operator==(const ConvolutionShape&) const = default;

    [[nodiscard]] std::int64_t srcCount() const; ///< elements of src, all channels, all of the batch
    [[nodiscard]] std::int64_t dstCount() const; ///< elements of dst
    [[nodiscard]] std::int64_t weightCount() const; ///< elements of the weights
    [[nodiscard]] std::int64_t taps() const; ///< kernel positions: the product of kernel
};

/// The sizes of dst that follow from the other members:
/// floor((src + padBegin + padEnd − ((kernel − 1)·dilation + 1)) / stride) + 1; transposed:
/// (src − 1)·stride − padBegin − padEnd + (kernel − 1)·dilation + 1 + outputPadding.
[[nodiscard]] ConvolutionShape::Sizes dstSizes(const ConvolutionShape& shape);

} // namespace kernels
