#pragma once

#include "kernels/float/movement.h"
#include "kernels/shape/quantized_format.h"

#include <array>
#include <cstddef>
#include <span>

namespace kernels {

/// Multilinear interpolation of codes (U8 or S8) of a channels-last tensor:
///   dst = saturate(roundHalfEven(Σ w·(q − z_x) · s_x / s_y) + z_y),
/// w the product of the taps' weights, each rounded to a multiple of 2⁻¹⁵ (exact for scale factors 2, 4, 8;
/// off by less than 0.004 of a code per axis otherwise). The sum is exact (53 bits), the product is one of
/// doubles. Bit-equal to referenceResizeLinear.
void resizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                  std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                  const QuantizedFormat& dstFormat);

void referenceResizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                           std::span<const std::byte> src, const QuantizedFormat& srcFormat,
                           std::span<std::byte> dst, const QuantizedFormat& dstFormat);

} // namespace kernels
