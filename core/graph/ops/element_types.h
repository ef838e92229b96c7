#pragma once

#include "core/base/error.h"
#include "core/tensor/data_type.h"
#include "core/tensor/tensor.h"

#include <string>
#include <type_traits>

namespace core::ops {

template <typename T>
inline constexpr bool isHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

/// float for the two 16-bit floats, the element itself otherwise.
template <typename T>
auto widened(T value)
{
    if constexpr (isHalf<T>) {
        return toFloat(value);
    } else {
        return value;
    }
}

/// Rounds a wider number to the element type: 16-bit floats half to even, integers as static_cast.
template <typename T, typename Wide>
T narrowed(Wide value)
{
    if constexpr (std::is_same_v<T, Float16>) {
        return toFloat16(static_cast<float>(value));
    } else if constexpr (std::is_same_v<T, BFloat16>) {
        return toBFloat16(static_cast<float>(value));
    } else {
        return static_cast<T>(value);
    }
}

[[noreturn]] inline void refuseType(DataType type)
{
    throw Error(ErrorKind::InvalidModel,
                "element type " + std::string(nameOf(type)) + " is not allowed here");
}

/// Calls f(std::type_identity<T>) with the C++ type of a floating-point element.
template <typename F>
decltype(auto) visitReal(DataType type, F&& f)
{
    switch (type) {
    case DataType::Float32:
        return f(std::type_identity<float>{});
    case DataType::Float64:
        return f(std::type_identity<double>{});
    case DataType::Float16:
        return f(std::type_identity<Float16>{});
    case DataType::BFloat16:
        return f(std::type_identity<BFloat16>{});
    default:
        refuseType(type);
    }
}

/// Calls f(std::type_identity<T>) with the C++ type of an integer element; bool is not one.
template <typename F>
decltype(auto) visitInteger(DataType type, F&& f)
{
    switch (type) {
    case DataType::Int8:
        return f(std::type_identity<std::int8_t>{});
    case DataType::UInt8:
        return f(std::type_identity<std::uint8_t>{});
    case DataType::Int16:
        return f(std::type_identity<std::int16_t>{});
    case DataType::UInt16:
        return f(std::type_identity<std::uint16_t>{});
    case DataType::Int32:
        return f(std::type_identity<std::int32_t>{});
    case DataType::UInt32:
        return f(std::type_identity<std::uint32_t>{});
    case DataType::Int64:
        return f(std::type_identity<std::int64_t>{});
    case DataType::UInt64:
        return f(std::type_identity<std::uint64_t>{});
    default:
        refuseType(type);
    }
}

/// Any number: floating point or integer.
template <typename F>
decltype(auto) visitNumber(DataType type, F&& f)
{
    return isFloatingPoint(type) ? visitReal(type, f) : visitInteger(type, f);
}

/// Calls f(std::type_identity<U>) with an unsigned integer of the element's size, to move elements about.
template <typename F>
decltype(auto) visitSize(DataType type, F&& f)
{
    switch (sizeOf(type)) {
    case 1:
        return f(std::type_identity<std::uint8_t>{});
    case 2:
        return f(std::type_identity<std::uint16_t>{});
    case 4:
        return f(std::type_identity<std::uint32_t>{});
    case 8:
        return f(std::type_identity<std::uint64_t>{});
    default:
        refuseType(type);
    }
}

/// The elements as their bits, for visitSize.
template <typename U>
std::span<const U> bitsOf(const Tensor& tensor)
{
    return {reinterpret_cast<const U*>(tensor.data()), static_cast<std::size_t>(tensor.count())};
}

template <typename U>
std::span<U> bitsOf(TensorBuilder& builder)
{
    return {reinterpret_cast<U*>(builder.data()), static_cast<std::size_t>(builder.count())};
}

/// dst[i] = f(src[i]) on floating-point elements: f takes and returns double, the result is rounded once.
template <typename F>
Tensor mapReal(const Tensor& src, F f)
{
    TensorBuilder builder(src.type(), src.shape());
    visitReal(src.type(), [&]<typename T>(std::type_identity<T>) {
        const auto from = src.as<T>();
        const auto to = builder.as<T>();
        for (std::size_t i = 0; i < from.size(); ++i) {
            to[i] = narrowed<T>(f(static_cast<double>(widened(from[i]))));
        }
    });
    return std::move(builder).finish();
}

/// dst[i] = f(src[i]) as bool, f takes double.
template <typename F>
Tensor testReal(const Tensor& src, F f)
{
    TensorBuilder builder(DataType::Bool, src.shape());
    visitReal(src.type(), [&]<typename T>(std::type_identity<T>) {
        const auto from = src.as<T>();
        const auto to = builder.as<bool>();
        for (std::size_t i = 0; i < from.size(); ++i) {
            to[i] = f(static_cast<double>(widened(from[i])));
        }
    });
    return std::move(builder).finish();
}

} // namespace core::ops
