#include "kernels/statistics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

using Counts = std::vector<std::uint64_t>;

Counts counted(std::span<const float> values, int exponent, std::size_t bins = 16)
{
    Counts counts(bins);
    kernels::addToHistogram(values, exponent, counts);
    return counts;
}

TEST(Histogram, EqualsTheReferenceForManyAndFewValuesWithAndWithoutZeros)
{
    std::mt19937 generator(11);
    std::normal_distribution<float> normal(0.0f, 1.0f);
    for (const std::size_t count : {0u, 1u, 3u, 15u, 16u, 17u, 2047u, 2049u, 16383u, 16385u, 50001u}) {
        for (const bool relu : {false, true}) {
            std::vector<float> values(count);
            for (float& v : values) {
                v = std::clamp(normal(generator), -7.9f, 7.9f);
                v = relu ? std::max(v, 0.0f) : v;
            }
            Counts fast(8192);
            Counts reference(8192);
            kernels::addToHistogram(values, -9, fast);
            kernels::addToHistogramReference(values, -9, reference);
            EXPECT_EQ(fast, reference) << count << " values";
        }
    }
}

TEST(Histogram, CountsOfManyEqualAndOfFewNonZeroValuesDoNotOverflow)
{
    // All in one counter of a table: three values other than 0 in each block of zeros, then one value again
    // and again.
    constexpr std::size_t kBlock = 2048;
    constexpr std::size_t kBlocks = 40'000;
    std::vector<float> sparse(kBlock * 500, 0.0f);
    for (std::size_t i = 0; i < sparse.size(); i += kBlock) {
        std::fill_n(sparse.begin() + static_cast<std::ptrdiff_t>(i), 3, 0.25f);
    }
    Counts counts(16);
    for (std::size_t i = 0; i < kBlocks / 500; ++i) {
        kernels::addToHistogram(sparse, -1, counts);
    }
    EXPECT_EQ(counts[8], 3 * kBlocks);
    const std::vector<float> equal(300'000, -1.0f);
    const kernels::BinRange touched = kernels::addToHistogram(equal, -1, counts);
    EXPECT_EQ(counts[6], equal.size());
    EXPECT_EQ(touched.lowest, 6);
    EXPECT_EQ(touched.highest, 8);
}

TEST(Histogram, AnEdgeBelongsToTheBinAboveIt)
{
    // Bins of width 0.5; half is 8. The nearest floats below the edges go one bin down.
    const float below = std::nextafter(1.0f, 0.0f);
    const float beyond = std::nextafter(-1.0f, -2.0f);
    EXPECT_EQ(counted(std::vector{1.0f}, -1)[10], 1u);
    EXPECT_EQ(counted(std::vector{below}, -1)[9], 1u);
    EXPECT_EQ(counted(std::vector{-1.0f}, -1)[6], 1u);
    EXPECT_EQ(counted(std::vector{beyond}, -1)[5], 1u);
    EXPECT_EQ(counted(std::vector(20, -1.0f), -1)[6], 20u); // through the vector path
}

/// Subnormal numbers as IEEE-754 has them, whatever a test before this one set for the thread.
class WithSubnormals
{
public:
    WithSubnormals()
    {
        std::fegetenv(&m_before);
        std::fesetenv(FE_DFL_ENV);
    }
    ~WithSubnormals() { std::fesetenv(&m_before); }
    WithSubnormals(const WithSubnormals&) = delete;
    WithSubnormals& operator=(const WithSubnormals&) = delete;

private:
    std::fenv_t m_before{};
};

TEST(Histogram, ATinyNegativeNumberStaysBelowZeroThoughScalingMakesItVanish)
{
    const WithSubnormals subnormals;
    const float tiny = -std::numeric_limits<float>::denorm_min();
    for (const std::size_t count : {1u, 64u}) {
        EXPECT_EQ(counted(std::vector(count, tiny), 100)[7], count);
        EXPECT_EQ(counted(std::vector(count, -tiny), 100)[8], count);
    }
}

TEST(Histogram, ZerosOfEitherSignAreLeftOut)
{
    EXPECT_EQ(counted(std::vector(100, 0.0f), 0), Counts(16));
    EXPECT_EQ(counted(std::vector(100, -0.0f), 0), Counts(16));
}

} // namespace
