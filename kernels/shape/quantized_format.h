#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels {

/// Element types of the spans of bytes that quantized kernels read and write.
enum class ElementType : std::uint8_t
{
    U8,
    S8,
    U16,
    S16,
    S32,
    F32
};

[[nodiscard]] constexpr std::size_t sizeOf(ElementType type)
{
    switch (type) {
    case ElementType::U8:
    case ElementType::S8:
        return 1;
    case ElementType::U16:
    case ElementType::S16:
        return 2;
    case ElementType::S32:
    case ElementType::F32:
        return 4;
    }
    return 0;
}

/// How a span of bytes stands for real numbers: real = scale × (q − zeroPoint), codes in lowest…highest.
/// Of F32 only the type counts; of S32 too: raw accumulators.
struct QuantizedFormat
{
    ElementType type = ElementType::U8;
    float scale = 1.0f; ///< finite, > 0
    std::int32_t zeroPoint = 0;
    std::int32_t lowest = 0; ///< results saturate to lowest…highest, which may be narrower than the type
    std::int32_t highest = 255;
    bool operator==(const QuantizedFormat&) const = default;
};

/// Formats that use every code of their type.
[[nodiscard]] constexpr QuantizedFormat formatU8(float scale, std::int32_t zeroPoint = 0)
{
    return {ElementType::U8, scale, zeroPoint, 0, 255};
}
[[nodiscard]] constexpr QuantizedFormat formatS8(float scale, std::int32_t zeroPoint = 0)
{
    return {ElementType::S8, scale, zeroPoint, -128, 127};
}
[[nodiscard]] constexpr QuantizedFormat formatF32() { return {ElementType::F32, 1.0f, 0, 0, 0}; }
[[nodiscard]] constexpr QuantizedFormat formatS32() { return {ElementType::S32, 1.0f, 0, 0, 0}; }

} // namespace kernels
