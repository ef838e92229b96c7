#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace kernels {
namespace {

template <typename T>
std::int32_t load(std::span<const std::byte> codes, std::size_t i)
{
    T value;
    std::memcpy(&value, codes.data() + i * sizeof(T), sizeof(T));
    return static_cast<std::int32_t>(value);
}

template <typename T>
void store(std::span<std::byte> codes, std::size_t i, std::int32_t code)
{
    const auto value = static_cast<T>(code);
    std::memcpy(codes.data() + i * sizeof(T), &value, sizeof(T));
}

} // namespace

std::int32_t codeAt(std::span<const std::byte> codes, ElementType type, std::size_t i)
{
    switch (type) {
    case ElementType::U8:
        return load<std::uint8_t>(codes, i);
    case ElementType::S8:
        return load<std::int8_t>(codes, i);
    case ElementType::U16:
        return load<std::uint16_t>(codes, i);
    case ElementType::S16:
        return load<std::int16_t>(codes, i);
    case ElementType::S32:
        return load<std::int32_t>(codes, i);
    case ElementType::F32:
        break;
    }
    assert(!"F32 has no codes");
    return 0;
}

void storeCode(std::span<std::byte> codes, ElementType type, std::size_t i, std::int32_t value)
{
    switch (type) {
    case ElementType::U8:
        return store<std::uint8_t>(codes, i, value);
    case ElementType::S8:
        return store<std::int8_t>(codes, i, value);
    case ElementType::U16:
        return store<std::uint16_t>(codes, i, value);
    case ElementType::S16:
        return store<std::int16_t>(codes, i, value);
    case ElementType::S32:
        return store<std::int32_t>(codes, i, value);
    case ElementType::F32:
        return store<float>(codes, i, value);
    }
}

std::int32_t codeOfScaled(double scaled, const QuantizedFormat& format)
{
    if (std::isnan(scaled)) {
        return format.zeroPoint;
    }
    // nearbyint rounds half to even in the default rounding mode.
    const double code = std::nearbyint(scaled) + format.zeroPoint;
    return static_cast<std::int32_t>(
        std::clamp(code, static_cast<double>(format.lowest), static_cast<double>(format.highest)));
}

void quantizeLinearReference(std::span<const float> src, const QuantizedFormat& format,
                             std::span<std::byte> dst)
{
    for (std::size_t i = 0; i < src.size(); ++i) {
        const float scaled = src[i] / format.scale;
        storeCode(dst, format.type, i, codeOfScaled(scaled, format));
    }
}

void dequantizeLinearReference(std::span<const std::byte> src, const QuantizedFormat& format,
                               std::span<float> dst)
{
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = format.scale * static_cast<float>(codeAt(src, format.type, i) - format.zeroPoint);
    }
}

} // namespace kernels
