#pragma once

#include "kernels/codes/quantize.h"
#include "kernels/shape/quantized_format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// Sums that compare a tensor y with an approximation ŷ. FP32 within blocks of at most 4096 values, double
/// beyond.
struct ErrorSums
{
    std::vector<double> squaredError; ///< Σ(y − ŷ)² per channel
    std::vector<double> squaredReference; ///< Σy² per channel
    double dotProduct = 0.0; ///< Σy·ŷ
    double squaredApproximation = 0.0; ///< Σŷ²
    double maxAbsError = 0.0; ///< max|y − ŷ|
    std::uint64_t count = 0;

    /// Adds the sums of another sample of the same tensor; order matters in the last bits of a double.
    void merge(const ErrorSums& other);
    [[nodiscard]] double totalSquaredError() const;
    [[nodiscard]] double totalSquaredReference() const;
};

/// One pass. NaN or infinity on either side makes the sums they enter NaN or infinite, and maxAbsError NaN or
/// infinite.
[[nodiscard]] ErrorSums compare(std::span<const float> y, std::span<const float> approximation,
                                ChannelLayout layout);
/// ŷ given as codes of U8, S8, U16 or S16: ŷ = scale × (q − zeroPoint).
[[nodiscard]] ErrorSums compare(std::span<const float> y, std::span<const std::byte> codes,
                                const QuantizedFormat& format, ChannelLayout layout);

/// What quantizing y itself costs: clip = y − clamp(y), round = clamp(y) − Q(y), with clamp to the
/// representable range. Σ(y − Q(y))² = clip² + round² + cross.
struct QuantizationSplit
{
    double squaredClip = 0.0; ///< Σclip²
    double squaredRound = 0.0; ///< Σround²
    double cross = 0.0; ///< 2·Σclip·round
    std::uint64_t clipped =
        0; ///< values whose code saturates: roundHalfEven(y / scale) lies outside the codes
    std::uint64_t count = 0;

    void merge(const QuantizationSplit& other);
};

/// Q(y) = dequantizeLinear(quantizeLinear(y)). format: U8, S8, U16 or S16.
[[nodiscard]] QuantizationSplit splitQuantization(std::span<const float> y, const QuantizedFormat& format);

/// How often each byte occurs (S8: two's complement byte).
[[nodiscard]] std::array<std::uint64_t, 256> countCodes(std::span<const std::byte> codes);

} // namespace kernels
