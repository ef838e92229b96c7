#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace core {

/// Element types of ONNX tensors that we hold in memory. Float16 and BFloat16 are stored as their 16 bits.
enum class DataType : std::uint8_t
{
    Undefined,
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Bool, ///< one byte, 0 or 1
};

[[nodiscard]] std::size_t sizeOf(DataType type); ///< bytes per element; 0 for Undefined
[[nodiscard]] std::string_view nameOf(DataType type); ///< "float32", "uint8", …
[[nodiscard]] bool isFloatingPoint(DataType type);

/// IEEE-754 binary16 bits, so that a span of it is not a span of integers.
enum class Float16 : std::uint16_t
{
};
/// The upper half of a binary32.
enum class BFloat16 : std::uint16_t
{
};

[[nodiscard]] float toFloat(Float16 value);
[[nodiscard]] float toFloat(BFloat16 value);
[[nodiscard]] Float16 toFloat16(float value); ///< round half to even; overflow to infinity
[[nodiscard]] BFloat16 toBFloat16(float value); ///< round half to even; NaN stays NaN

template <typename T>
constexpr DataType dataTypeOf()
{
    if constexpr (std::is_same_v<T, float>)
        return DataType::Float32;
    else if constexpr (std::is_same_v<T, double>)
        return DataType::Float64;
    else if constexpr (std::is_same_v<T, Float16>)
        return DataType::Float16;
    else if constexpr (std::is_same_v<T, BFloat16>)
        return DataType::BFloat16;
    else if constexpr (std::is_same_v<T, std::int8_t>)
        return DataType::Int8;
    else if constexpr (std::is_same_v<T, std::uint8_t>)
        return DataType::UInt8;
    else if constexpr (std::is_same_v<T, std::int16_t>)
        return DataType::Int16;
    else if constexpr (std::is_same_v<T, std::uint16_t>)
        return DataType::UInt16;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return DataType::Int32;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
        return DataType::UInt32;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return DataType::Int64;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return DataType::UInt64;
    else if constexpr (std::is_same_v<T, bool>)
        return DataType::Bool;
    else
        static_assert(!sizeof(T), "no ONNX element type");
}

} // namespace core
