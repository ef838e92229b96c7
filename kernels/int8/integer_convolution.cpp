#include "kernels/int8/integer_convolution.h"

#include "kernels/codes/per_channel.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/int8/multiply_pairs.h"

#include <algorithm>

namespace kernels {
namespace {

bool isDepthwise(const ConvolutionShape& shape)
{
    return shape.groups > 1 && shape.groups == shape.srcChannels && shape.groups == shape.dstChannels;
}

/// Source position under one tap along one axis; false on padding or between the strides of a transposed one.
bool locate(const ConvolutionShape& s, std::size_t axis, std::int64_t dst, std::int64_t tap,
            std::int64_t& src)
{
    if (s.transposed) {
        const auto scaled = dst + s.padBegin[axis] - tap * s.dilation[axis];
        src = scaled / s.stride[axis];
        return scaled >= 0 && scaled % s.stride[axis] == 0 && src < s.src[axis];
    }
    src = dst * s.stride[axis] - s.padBegin[axis] + tap * s.dilation[axis];
    return src >= 0 && src < s.src[axis];
}

/// Codes minus zero point; each group of channels padded to an even count by zeros.
void widen(std::span<const std::byte> src, const QuantizedFormat& format, std::int64_t perGroup,
           std::int64_t paddedPerGroup, std::vector<std::int16_t>& dst)
{
    const auto zeroPoint = static_cast<std::int16_t>(format.zeroPoint);
    const auto rows = static_cast<std::int64_t>(src.size()) / perGroup;
    dst.assign(static_cast<std::size_t>(rows * paddedPerGroup), 0);
    const auto* from = reinterpret_cast<const std::uint8_t*>(src.data());
    std::int16_t* to = dst.data();
    for (std::int64_t r = 0; r < rows; ++r, from += perGroup, to += paddedPerGroup) {
        if (format.type == ElementType::U8) {
            for (std::int64_t i = 0; i < perGroup; ++i) {
                to[i] = static_cast<std::int16_t>(from[i] - zeroPoint);
            }
        } else {
            for (std::int64_t i = 0; i < perGroup; ++i) {
                to[i] = static_cast<std::int16_t>(static_cast<std::int8_t>(from[i]) - zeroPoint);
            }
        }
    }
}

} // namespace

IntegerConvolution::IntegerConvolution(const QuantizedConvolutionSpec& spec)
    : m_shape(spec.shape)
    , m_src(spec.src)
    , m_pairs((spec.shape.srcChannels / spec.shape.groups + 1) / 2)
{
    const auto& s = m_shape;
    const auto perGroup = s.srcChannels / s.groups;
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto taps = s.taps();
    std::vector<float> scale;
    for (std::int64_t c = 0; c < s.dstChannels; ++c) {
        scale.push_back(spec.src.scale * pick(spec.weightScale, static_cast<std::size_t>(c), 1.0f));
    }
    m_epilogue = IntegerEpilogue(makeRequantization(scale, spec.dst, spec.activation, spec.residual),
                                 spec.bias, scale.size());
    const bool depthwise = isDepthwise(s);
    m_weights.assign(
        static_cast<std::size_t>(taps * (depthwise ? s.groups : s.groups * m_pairs * dstPerGroup * 2)), 0);
    for (std::int64_t g = 0; g < s.groups; ++g) {
        for (std::int64_t o = 0; o < dstPerGroup; ++o) {
            const auto zeroPoint =
                pick(spec.weightZeroPoint, static_cast<std::size_t>(g * dstPerGroup + o), 0);
            for (std::int64_t i = 0; i < perGroup; ++i) {
                const auto filter = s.transposed ? (g * perGroup + i) * dstPerGroup + o
                                                 : (g * dstPerGroup + o) * perGroup + i;
                for (std::int64_t t = 0; t < taps; ++t) {
                    const auto to = depthwise
                        ? t * s.groups + g
                        : (((t * s.groups + g) * m_pairs + i / 2) * dstPerGroup + o) * 2 + i % 2;
                    m_weights[static_cast<std::size_t>(to)] = static_cast<std::int16_t>(
                        spec.weights[static_cast<std::size_t>(filter * taps + t)] - zeroPoint);
                }
            }
        }
    }
}

void IntegerConvolution::accumulatePixel(const std::int16_t* image, std::int64_t y0, std::int64_t y1,
                                         std::int64_t y2, std::int32_t* sums) const
{
    const auto& s = m_shape;
    const bool depthwise = isDepthwise(s);
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto pixelSize = depthwise ? s.groups : s.groups * m_pairs * 2;
    const auto tapSize = depthwise ? s.groups : s.groups * m_pairs * dstPerGroup * 2;
    std::fill_n(sums, s.dstChannels, 0);
    std::int64_t x0 = 0;
    std::int64_t x1 = 0;
    std::int64_t x2 = 0;
    for (std::int64_t k0 = 0; k0 < s.kernel[0]; ++k0) {
        if (!locate(s, 0, y0, k0, x0)) {
            continue;
        }
        for (std::int64_t k1 = 0; k1 < s.kernel[1]; ++k1) {
            if (!locate(s, 1, y1, k1, x1)) {
                continue;
            }
            for (std::int64_t k2 = 0; k2 < s.kernel[2]; ++k2) {
                if (!locate(s, 2, y2, k2, x2)) {
                    continue;
                }
                const auto* pixel = image + ((x0 * s.src[1] + x1) * s.src[2] + x2) * pixelSize;
                const auto* weights =
                    m_weights.data() + ((k0 * s.kernel[1] + k1) * s.kernel[2] + k2) * tapSize;
                if (depthwise) {
                    multiplyElements(pixel, weights, s.groups, sums);
                    continue;
                }
                for (std::int64_t g = 0; g < s.groups; ++g) {
                    multiplyPairs(pixel + g * m_pairs * 2, weights + g * m_pairs * dstPerGroup * 2, m_pairs,
                                  dstPerGroup, sums + g * dstPerGroup);
                }
            }
        }
    }
}

void IntegerConvolution::execute(std::span<const std::byte> src, std::span<std::byte> dst,
                                 std::span<const std::byte> residual) const
{
    thread_local std::vector<std::int16_t> widened;
    thread_local std::vector<std::int32_t> sums;
    const auto& s = m_shape;
    const auto perGroup = s.srcChannels / s.groups;
    const auto padded = isDepthwise(s) ? 1 : m_pairs * 2;
    if (padded == perGroup) {
        widen(src, m_src, static_cast<std::int64_t>(src.size()), static_cast<std::int64_t>(src.size()),
              widened);
    } else {
        widen(src, m_src, perGroup, padded, widened);
    }
    const auto channels = static_cast<std::size_t>(s.dstChannels);
    const auto width = sizeOf(m_epilogue.dstType());
    const auto imageSize = static_cast<std::int64_t>(widened.size()) / s.batch;
    sums.resize(channels * static_cast<std::size_t>(s.dst[2]));
    std::size_t done = 0; // elements of dst
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t y0 = 0; y0 < s.dst[0]; ++y0) {
            for (std::int64_t y1 = 0; y1 < s.dst[1]; ++y1, done += sums.size()) {
                for (std::int64_t y2 = 0; y2 < s.dst[2]; ++y2) {
                    accumulatePixel(widened.data() + n * imageSize, y0, y1, y2,
                                    sums.data() + y2 * s.dstChannels);
                }
                m_epilogue.apply(sums, residual.empty() ? residual : residual.subspan(done, sums.size()),
                                 dst.subspan(done * width, sums.size() * width));
            }
        }
    }
}

} // namespace kernels
