#include "kernels/shape/convolution_shape.h"

namespace kernels {
namespace {

std::int64_t product(const ConvolutionShape::Sizes& sizes, int rank)
{
    std::int64_t result = 1;
    for (int i = 0; i < rank; ++i) {
        result *= sizes[static_cast<std::size_t>(i)];
    }
    return result;
}

} // namespace

std::int64_t ConvolutionShape::srcCount() const { return batch * srcChannels * product(src, spatialRank); }
std::int64_t ConvolutionShape::dstCount() const { return batch * dstChannels * product(dst, spatialRank); }
std::int64_t ConvolutionShape::taps() const { return product(kernel, spatialRank); }
std::int64_t ConvolutionShape::weightCount() const { return srcChannels * dstChannels / groups * taps(); }

ConvolutionShape::Sizes dstSizes(const ConvolutionShape& shape)
{
    ConvolutionShape::Sizes sizes{1, 1, 1};
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.spatialRank); ++i) {
        const auto extent = (shape.kernel[i] - 1) * shape.dilation[i] + 1;
        const auto padding = shape.padBegin[i] + shape.padEnd[i];
        if (shape.transposed) {
            sizes[i] = (shape.src[i] - 1) * shape.stride[i] - padding + extent + shape.outputPadding[i];
        } else {
            sizes[i] = (shape.src[i] + padding - extent) / shape.stride[i] + 1;
        }
    }
    return sizes;
}

} // namespace kernels
