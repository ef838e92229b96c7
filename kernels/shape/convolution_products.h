#pragma once

#include "kernels/shape/convolution_shape.h"

#include <cstddef>
#include <cstdint>

namespace kernels {

/// Calls visit(dstIndex, srcIndex, weightIndex) for every product of the convolution.
template <typename Visit>
void forEachProduct(const ConvolutionShape& s, Visit visit)
{
    const auto srcPerGroup = s.srcChannels / s.groups;
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto at = [](std::int64_t a, std::int64_t b, std::int64_t c, const ConvolutionShape::Sizes& sizes) {
        return (a * sizes[1] + b) * sizes[2] + c;
    };
    // Position of a tap along one axis; false where it falls on padding or between strides.
    const auto locate = [&s](std::size_t axis, std::int64_t dst, std::int64_t tap, std::int64_t& src) {
        if (s.transposed) {
            const auto scaled = dst + s.padBegin[axis] - tap * s.dilation[axis];
            src = scaled / s.stride[axis];
            return scaled >= 0 && scaled % s.stride[axis] == 0 && src < s.src[axis];
        }
        src = dst * s.stride[axis] - s.padBegin[axis] + tap * s.dilation[axis];
        return src >= 0 && src < s.src[axis];
    };
    const auto srcPlane = s.src[0] * s.src[1] * s.src[2];
    const auto dstPlane = s.dst[0] * s.dst[1] * s.dst[2];
    const auto taps = s.taps();
    for (std::int64_t n = 0; n < s.batch; ++n)
        for (std::int64_t y0 = 0; y0 < s.dst[0]; ++y0)
            for (std::int64_t y1 = 0; y1 < s.dst[1]; ++y1)
                for (std::int64_t y2 = 0; y2 < s.dst[2]; ++y2)
                    for (std::int64_t k0 = 0; k0 < s.kernel[0]; ++k0)
                        for (std::int64_t k1 = 0; k1 < s.kernel[1]; ++k1)
                            for (std::int64_t k2 = 0; k2 < s.kernel[2]; ++k2) {
                                std::int64_t x0 = 0;
                                std::int64_t x1 = 0;
                                std::int64_t x2 = 0;
                                if (!locate(0, y0, k0, x0) || !locate(1, y1, k1, x1)
                                    || !locate(2, y2, k2, x2)) {
                                    continue;
                                }
                                const auto srcPixel = (n * srcPlane + at(x0, x1, x2, s.src)) * s.srcChannels;
                                const auto dstPixel = (n * dstPlane + at(y0, y1, y2, s.dst)) * s.dstChannels;
                                const auto tap = at(k0, k1, k2, s.kernel);
                                for (std::int64_t g = 0; g < s.groups; ++g)
                                    for (std::int64_t o = 0; o < dstPerGroup; ++o)
                                        for (std::int64_t i = 0; i < srcPerGroup; ++i) {
                                            const auto filter = s.transposed
                                                ? (g * srcPerGroup + i) * dstPerGroup + o
                                                : (g * dstPerGroup + o) * srcPerGroup + i;
                                            visit(static_cast<std::size_t>(dstPixel + g * dstPerGroup + o),
                                                  static_cast<std::size_t>(srcPixel + g * srcPerGroup + i),
                                                  static_cast<std::size_t>(filter * taps + tap));
                                        }
                            }
}

} // namespace kernels
