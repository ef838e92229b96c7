#include "core/tensor/data_type.h"

#include <bit>
#include <cmath>

namespace core {

std::size_t sizeOf(DataType type)
{
    switch (type) {
    case DataType::Undefined:
        return 0;
    case DataType::Int8:
    case DataType::UInt8:
    case DataType::Bool:
        return 1;
    case DataType::Float16:
    case DataType::BFloat16:
    case DataType::Int16:
    case DataType::UInt16:
        return 2;
    case DataType::Float32:
    case DataType::Int32:
    case DataType::UInt32:
        return 4;
    case DataType::Float64:
    case DataType::Int64:
    case DataType::UInt64:
        return 8;
    }
    return 0;
}

std::string_view nameOf(DataType type)
{
    switch (type) {
    case DataType::Undefined:
        return "undefined";
    case DataType::Float32:
        return "float32";
    case DataType::Float64:
        return "float64";
    case DataType::Float16:
        return "float16";
    case DataType::BFloat16:
        return "bfloat16";
    case DataType::Int8:
        return "int8";
    case DataType::UInt8:
        return "uint8";
    case DataType::Int16:
        return "int16";
    case DataType::UInt16:
        return "uint16";
    case DataType::Int32:
        return "int32";
    case DataType::UInt32:
        return "uint32";
    case DataType::Int64:
        return "int64";
    case DataType::UInt64:
        return "uint64";
    case DataType::Bool:
        return "bool";
    }
    return "undefined";
}

bool isFloatingPoint(DataType type)
{
    return type == DataType::Float32 || type == DataType::Float64 || type == DataType::Float16
        || type == DataType::BFloat16;
}

float toFloat(Float16 value)
{
    const auto bits = static_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fu;
    const std::uint32_t mantissa = bits & 0x3ffu;
    if (exponent == 0) { // zero and subnormals: mantissa * 2^-24
        const float magnitude = std::ldexp(static_cast<float>(mantissa), -24);
        return sign ? -magnitude : magnitude;
    }
    if (exponent == 31) {
        return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
    }
    return std::bit_cast<float>(sign | ((exponent + 112u) << 23) | (mantissa << 13));
}

float toFloat(BFloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16); }

Float16 toFloat16(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const float magnitude = std::fabs(value);
    if (std::isnan(value)) {
        return static_cast<Float16>(sign | 0x7e00u);
    }
    if (magnitude >= 65520.0f) { // half way between the largest finite value and 65536
        return static_cast<Float16>(sign | 0x7c00u);
    }
    if (magnitude < 6.103515625e-05f) { // below 2^-14: subnormal steps of 2^-24
        return static_cast<Float16>(sign
                                    | static_cast<std::uint16_t>(std::nearbyint(std::ldexp(magnitude, 24))));
    }
    const std::uint32_t absolute = bits & 0x7fffffffu;
    const std::uint32_t rounded = absolute + 0xfffu + ((absolute >> 13) & 1u);
    return static_cast<Float16>(sign | static_cast<std::uint16_t>((rounded - (112u << 23)) >> 13));
}

BFloat16 toBFloat16(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) {
        return static_cast<BFloat16>((bits >> 16) | 0x40u);
    }
    return static_cast<BFloat16>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

} // namespace core
