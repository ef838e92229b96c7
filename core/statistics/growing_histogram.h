#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace core {

/// A histogram of finite floats whose range grows without losing counts.
///
/// Bin i covers [(i − kHalf)·w, (i − kHalf + 1)·w), with w a power of two. When a value does not fit, w
/// doubles and neighbouring bins are added together; bins of different widths nest exactly. The result
/// therefore depends only on the multiset of values: bit-equal under any order, any split into batches and
/// any merge tree. Exact zeros are not binned: they are counted by TensorStatistics::zeros.
class GrowingHistogram
{
public:
    static constexpr int kHalf = 4096; ///< bins on each side of zero
    static constexpr int kBins = 2 * kHalf;

    GrowingHistogram() = default;
    /// One that was saved. Precondition: kBins counts.
    GrowingHistogram(int exponent, std::span<const std::uint64_t> counts);

    /// Widens until [−magnitude, magnitude] fits. Needed before add().
    void reserve(float magnitude);
    /// Counts values; each must be finite and within the reserved range. Zeros (of either sign) are skipped.
    void add(std::span<const float> values);
    void merge(const GrowingHistogram& other);

    [[nodiscard]] bool isEmpty() const { return m_counts.empty(); }
    [[nodiscard]] double binWidth() const; ///< 2^exponent
    [[nodiscard]] int exponent() const { return m_exponent; }
    [[nodiscard]] std::span<const std::uint64_t> counts() const { return m_counts; } ///< kBins, or empty
    [[nodiscard]] double lowerEdge(int bin) const { return (bin - kHalf) * binWidth(); }

    bool operator==(const GrowingHistogram& other) const
    {
        return m_exponent == other.m_exponent && m_counts == other.m_counts;
    }

private:
    void widenTo(int exponent);
    /// Adds counts of bins of 2^-shift of the width.
    void addNested(const GrowingHistogram& other, int shift);

    int m_exponent = 0;
    std::vector<std::uint64_t> m_counts;
    int m_lowest = kHalf; ///< bins below are empty
    int m_highest = kHalf; ///< bins above are empty
};

} // namespace core
