#pragma once

#include <cstdint>
#include <span>

namespace kernels {

/// Bins from the first that a call may have counted in to the last; the bin right of zero is among them.
struct BinRange
{
    std::int32_t lowest;
    std::int32_t highest;
};

/// counts[half + floor(x / 2^exponent)] += 1 for every x other than 0, where half = counts.size() / 2.
///
/// The index is exact: scaling by a power of two does not round, and a negative x never lands at or above
/// half. Preconditions: x finite and |x| < half·2^exponent; |exponent| ≤ 120; counts.size() even.
/// A thread that treats subnormal numbers as zero (prepareThread) leaves them out, as addMoments then counts
/// them as zeros.
BinRange addToHistogram(std::span<const float> values, int exponent, std::span<std::uint64_t> counts);

/// The readable twin.
void addToHistogramReference(std::span<const float> values, int exponent, std::span<std::uint64_t> counts);

} // namespace kernels
