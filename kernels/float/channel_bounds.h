#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernels {

/// dst[i] = min(dst[i], bounds[i / stride % bounds.size()]): an upper bound for every channel, of reals or of
/// codes (order is the same for both, so a bound that is quantized like the values cuts off exactly those). A
/// NaN stays. stride: elements from one channel to the next; 1 of a channels-last tensor. dst.size() is a
/// multiple of stride · bounds.size().
void minByChannel(std::span<float> dst, std::span<const float> bounds, std::size_t stride);
void minByChannel(std::span<std::uint8_t> dst, std::span<const std::uint8_t> bounds, std::size_t stride);
void minByChannel(std::span<std::int8_t> dst, std::span<const std::int8_t> bounds, std::size_t stride);
void minByChannel(std::span<std::uint16_t> dst, std::span<const std::uint16_t> bounds, std::size_t stride);
void minByChannel(std::span<std::int16_t> dst, std::span<const std::int16_t> bounds, std::size_t stride);

} // namespace kernels
