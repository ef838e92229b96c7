#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// codeAt of S8 or U8 alone, for the loops of kernels.
[[nodiscard]] inline int byteCodeAt(std::span<const std::byte> codes, ElementType type, std::size_t i)
{
    return type == ElementType::S8 ? static_cast<int>(static_cast<std::int8_t>(codes[i]))
                                   : static_cast<int>(static_cast<std::uint8_t>(codes[i]));
}

} // namespace kernels
