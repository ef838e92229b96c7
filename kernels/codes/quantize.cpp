#include "kernels/codes/quantize.h"

#include "kernels/codes/lookup_table.h"
#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/codes/quantize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/codes/nearest_code-inl.h"

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Clamping before rounding keeps the conversion in range; the bounds are integers, so the code is the same.
template <typename T>
std::size_t quantizeVectors(const float* HWY_RESTRICT src, std::size_t count, const QuantizedFormat& format,
                            T* HWY_RESTRICT dst)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const hn::Rebind<T, decltype(df)> dt;
    const NearestCode nearest(format); // NaN → the zero point
    const auto zeroPoint = hn::Set(di, format.zeroPoint);
    const std::size_t lanes = hn::Lanes(df);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto code = hn::Add(nearest(df, hn::LoadU(df, src + i)), zeroPoint);
        hn::StoreU(hn::DemoteTo(dt, code), dt, dst + i);
    }
    return i;
}

std::size_t quantizeU8(const float* src, std::size_t count, const QuantizedFormat& format, std::byte* dst)
{
    return quantizeVectors(src, count, format, reinterpret_cast<std::uint8_t*>(dst));
}

std::size_t quantizeS8(const float* src, std::size_t count, const QuantizedFormat& format, std::byte* dst)
{
    return quantizeVectors(src, count, format, reinterpret_cast<std::int8_t*>(dst));
}

template <typename T>
std::size_t dequantizeVectors(const T* HWY_RESTRICT src, std::size_t count, const QuantizedFormat& format,
                              float* HWY_RESTRICT dst)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const hn::Rebind<T, decltype(df)> dt;
    const auto scale = hn::Set(df, format.scale);
    const auto zeroPoint = hn::Set(di, format.zeroPoint);
    const std::size_t lanes = hn::Lanes(df);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto code = hn::PromoteTo(di, hn::LoadU(dt, src + i));
        hn::StoreU(hn::Mul(hn::ConvertTo(df, hn::Sub(code, zeroPoint)), scale), df, dst + i);
    }
    return i;
}

std::size_t dequantizeU8(const std::byte* src, std::size_t count, const QuantizedFormat& format, float* dst)
{
    return dequantizeVectors(reinterpret_cast<const std::uint8_t*>(src), count, format, dst);
}

std::size_t dequantizeS8(const std::byte* src, std::size_t count, const QuantizedFormat& format, float* dst)
{
    return dequantizeVectors(reinterpret_cast<const std::int8_t*>(src), count, format, dst);
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(quantizeU8);
HWY_EXPORT(quantizeS8);
HWY_EXPORT(dequantizeU8);
HWY_EXPORT(dequantizeS8);

namespace {

QuantizedFormat formatOfChannel(const QuantizedFormat& format, std::span<const float> scale,
                                std::span<const std::int32_t> zeroPoint, std::size_t c)
{
    QuantizedFormat result = format;
    result.scale = scale[c];
    result.zeroPoint = zeroPoint.empty() ? 0 : zeroPoint[c];
    return result;
}

} // namespace

void quantizeLinear(std::span<const float> src, const QuantizedFormat& format, std::span<std::byte> dst)
{
    const std::size_t width = sizeOf(format.type);
    assert(dst.size() == src.size() * width);
    std::size_t done = 0; // the rest, shorter than a vector, goes through the twin
    if (format.type == ElementType::U8) {
        done = HWY_DYNAMIC_DISPATCH(quantizeU8)(src.data(), src.size(), format, dst.data());
    } else if (format.type == ElementType::S8) {
        done = HWY_DYNAMIC_DISPATCH(quantizeS8)(src.data(), src.size(), format, dst.data());
    }
    quantizeLinearReference(src.subspan(done), format, dst.subspan(done * width));
}

void dequantizeLinear(std::span<const std::byte> src, const QuantizedFormat& format, std::span<float> dst)
{
    const std::size_t width = sizeOf(format.type);
    assert(src.size() == dst.size() * width);
    std::size_t done = 0;
    if (format.type == ElementType::U8) {
        done = HWY_DYNAMIC_DISPATCH(dequantizeU8)(src.data(), dst.size(), format, dst.data());
    } else if (format.type == ElementType::S8) {
        done = HWY_DYNAMIC_DISPATCH(dequantizeS8)(src.data(), dst.size(), format, dst.data());
    }
    dequantizeLinearReference(src.subspan(done * width), format, dst.subspan(done));
}

void quantizePerChannel(std::span<const float> src, ChannelLayout layout, std::span<const float> scale,
                        std::span<const std::int32_t> zeroPoint, const QuantizedFormat& format,
                        std::span<std::byte> dst)
{
    assert(scale.size() == layout.channels);
    const std::size_t width = sizeOf(format.type);
    std::size_t c = 0;
    for (std::size_t i = 0; i < src.size(); i += layout.stride, c = (c + 1) % layout.channels) {
        const auto channel = formatOfChannel(format, scale, zeroPoint, c);
        if (layout.stride == 1) {
            storeCode(dst, format.type, i, codeOfScaled(src[i] / channel.scale, channel));
        } else {
            quantizeLinear(src.subspan(i, layout.stride), channel,
                           dst.subspan(i * width, layout.stride * width));
        }
    }
}

void dequantizePerChannel(std::span<const std::byte> src, ChannelLayout layout, std::span<const float> scale,
                          std::span<const std::int32_t> zeroPoint, ElementType type, std::span<float> dst)
{
    assert(scale.size() == layout.channels);
    const std::size_t width = sizeOf(type);
    std::size_t c = 0;
    for (std::size_t i = 0; i < dst.size(); i += layout.stride, c = (c + 1) % layout.channels) {
        const auto channel = formatOfChannel({.type = type}, scale, zeroPoint, c);
        dequantizeLinear(src.subspan(i * width, layout.stride * width), channel,
                         dst.subspan(i, layout.stride));
    }
}

void requantize(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                const QuantizedFormat& dstFormat)
{
    if (srcFormat == dstFormat) {
        std::copy(src.begin(), src.end(), dst.begin());
        return;
    }
    const std::size_t count = src.size() / sizeOf(srcFormat.type);
    constexpr std::size_t kWorthATable = 1024;
    if (sizeOf(srcFormat.type) == 1 && sizeOf(dstFormat.type) == 1 && count >= kWorthATable) {
        lookup(src, makeTable(srcFormat, dstFormat, [](float x) { return x; }), dst);
        return;
    }
    constexpr std::size_t kBlock = 1024;
    std::array<float, kBlock> values;
    for (std::size_t i = 0; i < count; i += kBlock) {
        const std::size_t n = std::min(kBlock, count - i);
        const auto block = std::span(values).first(n);
        dequantizeLinear(src.subspan(i * sizeOf(srcFormat.type), n * sizeOf(srcFormat.type)), srcFormat,
                         block);
        quantizeLinear(block, dstFormat, dst.subspan(i * sizeOf(dstFormat.type), n * sizeOf(dstFormat.type)));
    }
}

} // namespace kernels
#endif
