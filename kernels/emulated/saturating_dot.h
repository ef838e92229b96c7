#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace kernels {

/// Result of an emulated integer dot product, and what saturated on the way.
struct SaturatingSum
{
    std::int32_t value = 0;
    std::int64_t saturatedPairs = 0; ///< pair sums that did not fit into 16 bits
    std::int64_t saturatedSums = 0; ///< 16-bit accumulations that did not fit
    bool operator==(const SaturatingSum&) const = default;
};

/// To 16 bits; counts what did not fit.
[[nodiscard]] inline std::int32_t saturated16(std::int32_t value, std::int64_t& count)
{
    const auto result = std::clamp<std::int32_t>(value, std::numeric_limits<std::int16_t>::min(),
                                                 std::numeric_limits<std::int16_t>::max());
    count += result != value ? 1 : 0;
    return result;
}

/// Σ x·w in int32: what VNNI and AMX compute. Precondition of all: equal sizes; K < 2^16.
[[nodiscard]] std::int32_t dotExact(std::span<const std::uint8_t> x, std::span<const std::int8_t> w);

/// AVX2 and AVX-512 before VNNI: each pair of products is added with 16-bit saturation, the pairs in int32.
/// An odd K is padded with zero.
[[nodiscard]] SaturatingSum dotPairSaturating(std::span<const std::uint8_t> x,
                                              std::span<const std::int8_t> w);

/// The same for signed x, as oneDNN does it: 128 is added to x and 128·Σw taken off at the end.
[[nodiscard]] SaturatingSum dotPairSaturating(std::span<const std::int8_t> x, std::span<const std::int8_t> w);

/// DNNLOWP's 16-bit accumulation: saturated pairs are added to a saturating 16-bit sum, which is widened to
/// int32 and cleared after every `block` values: 256 in FBGEMM's kernels. Precondition: block is even.
[[nodiscard]] SaturatingSum dotAcc16(std::span<const std::uint8_t> x, std::span<const std::int8_t> w,
                                     std::size_t block = 256);

/// Whether DNNLOWP keeps a weight of more than `bits` bits out of the 16-bit accumulation (0: all, 8: none).
[[nodiscard]] bool isAcc16Outlier(std::int8_t w, int bits);

} // namespace kernels
