#include "core/statistics/growing_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace {

using core::GrowingHistogram;

GrowingHistogram histogramOf(std::span<const float> values)
{
    GrowingHistogram h;
    for (const float v : values) {
        h.reserve(std::abs(v));
    }
    h.add(values);
    return h;
}

/// Values over many orders of magnitude, with exact powers of two among them.
std::vector<float> wildValues(std::mt19937& generator, std::size_t count)
{
    std::uniform_int_distribution exponent(-20, 20);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = std::ldexp(i % 3 == 0 ? (i % 2 ? 1.0f : -1.0f) : normal(generator), exponent(generator));
    }
    return values;
}

std::uint64_t totalOf(const GrowingHistogram& h)
{
    return std::accumulate(h.counts().begin(), h.counts().end(), std::uint64_t{0});
}

TEST(GrowingHistogram, IsTheSameUnderAnyOrderSplitAndMergeTree)
{
    std::mt19937 generator(42);
    for (int round = 0; round < 20; ++round) {
        auto values = wildValues(generator, 500);
        const GrowingHistogram whole = histogramOf(values);
        std::ranges::shuffle(values, generator);

        // Cut into pieces, then merge random pairs until one is left.
        std::vector<GrowingHistogram> parts;
        for (std::size_t begin = 0; begin < values.size();) {
            const std::size_t count = std::min<std::size_t>(values.size() - begin, generator() % 90);
            parts.push_back(histogramOf(std::span(values).subspan(begin, count)));
            begin += count;
        }
        while (parts.size() > 1) {
            const std::size_t i = generator() % parts.size();
            const GrowingHistogram taken = parts[i];
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
            parts[generator() % parts.size()].merge(taken);
        }
        EXPECT_EQ(parts[0], whole);
        EXPECT_EQ(totalOf(whole), 500u);
    }
}

TEST(GrowingHistogram, GrowingOneByOneEqualsKnowingTheRangeBeforehand)
{
    std::mt19937 generator(1);
    const auto values = wildValues(generator, 300);
    GrowingHistogram grown;
    for (const float& v : values) {
        grown.reserve(std::abs(v));
        grown.add({&v, 1});
    }
    EXPECT_EQ(grown, histogramOf(values));
}

TEST(GrowingHistogram, TheWidthIsTheSmallestPowerOfTwoThatFits)
{
    EXPECT_EQ(histogramOf(std::vector{4095.9f}).binWidth(), 1.0);
    EXPECT_EQ(histogramOf(std::vector{4096.0f}).binWidth(), 2.0);
    EXPECT_EQ(histogramOf(std::vector{-4096.0f}).binWidth(), 2.0);
    EXPECT_EQ(histogramOf(std::vector{1.0f}).lowerEdge(GrowingHistogram::kHalf + 2048), 1.0);
}

TEST(GrowingHistogram, HoldsTheWholeRangeOfFloat)
{
    const float huge = std::numeric_limits<float>::max();
    const float tiny = std::numeric_limits<float>::min();
    const GrowingHistogram h = histogramOf(std::vector{huge, -huge, tiny, -tiny});
    EXPECT_EQ(totalOf(h), 4u);
    EXPECT_EQ(h.counts()[GrowingHistogram::kHalf], 1u);
    EXPECT_EQ(h.counts()[GrowingHistogram::kHalf - 1], 1u);
    GrowingHistogram merged = histogramOf(std::vector{tiny, -tiny});
    merged.merge(histogramOf(std::vector{huge, -huge}));
    EXPECT_EQ(merged, h);
}

TEST(GrowingHistogram, OnlyZerosLeaveItEmpty)
{
    EXPECT_TRUE(histogramOf(std::vector{0.0f, -0.0f}).isEmpty());
}

} // namespace
