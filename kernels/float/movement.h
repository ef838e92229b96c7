#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// dst = src with axes permuted: dst axis i is src axis permutation[i], as ONNX Transpose. Rank 1…8.
void transpose(std::span<const std::byte> src, std::span<const std::int64_t> shape,
               std::span<const int> permutation, std::size_t elementSize, std::span<std::byte> dst);

/// One input of a concatenation, seen as rows of rowBytes bytes.
struct ConcatenationSource
{
    std::span<const std::byte> bytes;
    std::size_t rowBytes = 0;
};

/// Row by row one source after the other. Along the channels of a channels-last tensor: rowBytes =
/// C_i·elementSize.
void concatenate(std::span<const ConcatenationSource> sources, std::span<std::byte> dst);

/// dst = src surrounded by copies of one element. shape and pads: one entry per axis, rank 1…8; a negative
/// pad crops.
void padConstant(std::span<const std::byte> src, std::span<const std::int64_t> shape,
                 std::span<const std::int64_t> padBegin, std::span<const std::int64_t> padEnd,
                 std::span<const std::byte> element, std::span<std::byte> dst);

/// Sizes of a channels-last tensor of up to three spatial axes, leading ones 1.
struct ResizeShape
{
    std::int64_t batch = 1;
    std::int64_t channels = 1;
    std::array<std::int64_t, 3> src{1, 1, 1};
    std::array<std::int64_t, 3> dst{1, 1, 1};
};

/// dst[i, j, k] = src[index0[i], index1[j], index2[k]], all channels; one index per dst position of each
/// axis. The caller knows the coordinate rule of the model.
void resizeNearest(const ResizeShape& shape, const std::array<std::span<const std::int64_t>, 3>& index,
                   std::size_t elementSize, std::span<const std::byte> src, std::span<std::byte> dst);

/// Between two neighbours of one axis: (1 − weight)·src[lower] + weight·src[upper].
struct LinearTap
{
    std::int64_t lower = 0;
    std::int64_t upper = 0;
    float weight = 0.0f;
};

/// Multilinear interpolation in FP32, one tap per dst position of each axis.
void resizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                  std::span<const float> src, std::span<float> dst);

} // namespace kernels
