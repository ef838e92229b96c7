#pragma once

#include "kernels/elementwise.h"
#include "kernels/quantize.h"

namespace kernels {

template <typename Function>
LookupTable makeTable(const QuantizedFormat& src, const QuantizedFormat& dst, Function f)
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
