#pragma once

#include "kernels/int8/integer_epilogue.h"
#include "kernels/int8/quantized_convolution.h"

#include <cstdint>
#include <vector>

namespace kernels {

/// Our own exact convolution of codes, on every processor: sources and weights widened to 16 bits with their
/// zero points subtracted, products summed in int32. Ordinary, grouped, depthwise, dilated and transposed,
/// 1-D to 3-D.
class IntegerConvolution
{
public:
    explicit IntegerConvolution(const QuantizedConvolutionSpec& spec);
    void execute(std::span<const std::byte> src, std::span<std::byte> dst,
                 std::span<const std::byte> residual) const;

private:
    void accumulatePixel(const std::int16_t* image, std::int64_t y0, std::int64_t y1, std::int64_t y2,
                         std::int32_t* sums) const;

    ConvolutionShape m_shape;
    QuantizedFormat m_src;
    IntegerEpilogue m_epilogue;
    std::int64_t m_pairs; ///< pairs of source channels per group, the last one padded by 0
    std::vector<std::int16_t>
        m_weights; ///< [tap][group][pair][dst channel of the group][2]; depthwise [tap][channel]
};

} // namespace kernels
