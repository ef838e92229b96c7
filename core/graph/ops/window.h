#pragma once

#include "core/graph/graph.h"

#include <array>

namespace core::ops {

/// Sizes along depth, height and width; 1-D and 2-D data fill up with a leading 1 (0 for padding).
using Extent3 = std::array<std::int64_t, 3>;

/// Where the kernel of a convolution or pooling goes, resolved for one input size.
struct Window
{
    Extent3 kernel{1, 1, 1};
    Extent3 stride{1, 1, 1};
    Extent3 dilation{1, 1, 1};
    Extent3 padBegin{0, 0, 0};
    Extent3 padEnd{0, 0, 0};
    Extent3 src{1, 1, 1};
    Extent3 dst{1, 1, 1};
    std::size_t spatialRank = 0;
};

/// Of Conv, ConvInteger, QLinearConv and the pools: attributes strides, dilations, pads, auto_pad, ceil_mode.
/// `srcShape` is N, C, spatial…; `kernel` the spatial kernel shape. Throws naming the node when nothing fits.
[[nodiscard]] Window windowOf(const Node& node, const Shape& srcShape, const Shape& kernel);

/// Of ConvTranspose: attributes output_padding, output_shape, pads, auto_pad, strides, dilations.
[[nodiscard]] Window transposedWindowOf(const Node& node, const Shape& srcShape, const Shape& kernel);

/// N, C and the spatial part of the result.
[[nodiscard]] Shape shapeOf(const Window& window, std::int64_t batch, std::int64_t channels);

/// Number of positions.
[[nodiscard]] inline std::int64_t countOf(const Extent3& extent) { return extent[0] * extent[1] * extent[2]; }

/// Output positions [first, last) along one axis whose kernel element k reads inside src.
struct Range
{
    std::int64_t first = 0;
    std::int64_t last = 0;
};
[[nodiscard]] Range validPositions(const Window& window, std::size_t axis, std::int64_t k);

} // namespace core::ops
