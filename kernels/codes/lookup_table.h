#pragma once

#include "kernels/codes/quantize.h"
#include "kernels/shape/quantized_format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// A function of one code: entry k is the result for the byte k (S8: the code's two's complement byte).
using LookupTable = std::array<std::uint8_t, 256>;

/// dst[i] = table[src[i]]. dst may be src.
void lookup(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst);

/// The readable twin.
void lookupReference(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst);

/// The table of a real function between two formats of U8 or S8:
/// saturate(roundHalfEven(f(s_x·(q − z_x)) / s_y) + z_y).
template <typename Function>
[[nodiscard]] LookupTable makeTable(const QuantizedFormat& src, const QuantizedFormat& dst, Function f)
{
    std::array<std::byte, 256> codes{};
    for (std::size_t k = 0; k < codes.size(); ++k) {
        codes[k] = static_cast<std::byte>(k);
    }
    std::array<float, 256> values{};
    dequantizeLinear(codes, src, values);
    for (float& value : values) {
        value = static_cast<float>(f(value));
    }
    LookupTable table{};
    quantizeLinear(values, dst, std::as_writable_bytes(std::span(table)));
    return table;
}

} // namespace kernels
