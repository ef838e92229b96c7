#include "core/statistics/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

using core::ChannelMap;
using core::Moments;
using core::statisticsOf;
using core::TensorStatistics;

std::vector<float> values(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0.3f, 2.0f);
    std::vector<float> result(count);
    for (float& v : result) {
        v = normal(generator);
        v = v < -3.0f ? 0.0f : v;
    }
    return result;
}

TEST(Statistics, CountWhatIsThere)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    const TensorStatistics s =
        statisticsOf(std::vector{1.0f, nan, -2.0f, inf, 0.0f, -inf, -0.0f, 3.0f}, {2, 1});
    EXPECT_EQ(s.total.count, 5u);
    EXPECT_EQ(s.total.zeros, 2u);
    EXPECT_EQ(s.total.nans, 1u);
    EXPECT_EQ(s.total.infinities, 2u);
    EXPECT_EQ(s.total.min, -2.0f);
    EXPECT_EQ(s.total.max, 3.0f);
    EXPECT_EQ(s.total.sum, 2.0);
    EXPECT_EQ(s.total.sumOfSquares, 14.0);
    EXPECT_EQ(s.channels[0].min, -2.0f); // 1, −2, 0, −0
    EXPECT_EQ(s.channels[0].count, 4u);
    EXPECT_EQ(s.channels[1].max, 3.0f); // NaN, inf, −inf, 3
    EXPECT_EQ(s.channels[1].count, 1u);
    EXPECT_EQ(s.samples, 1u);
}

TEST(Statistics, MeanAndVariance)
{
    const Moments m = statisticsOf(std::vector{1.0f, 2.0f, 3.0f, 6.0f}, {}).total;
    EXPECT_EQ(m.mean(), 3.0);
    EXPECT_EQ(m.variance(), 3.5);
    EXPECT_EQ(Moments{}.mean(), 0.0);
    EXPECT_EQ(Moments{}.variance(), 0.0);
}

TEST(Statistics, NothingFiniteGivesCountsOnly)
{
    const TensorStatistics s = statisticsOf(std::vector(5, std::numeric_limits<float>::quiet_NaN()), {1, 1});
    EXPECT_EQ(s.total.count, 0u);
    EXPECT_EQ(s.total.nans, 5u);
    EXPECT_TRUE(s.histogram.isEmpty());
    EXPECT_EQ(statisticsOf({}, {0, 1}).total, Moments{});
}

TEST(Statistics, ChannelsHoldWhatAPlainLoopFinds)
{
    for (const ChannelMap map : {ChannelMap{3, 1}, ChannelMap{17, 1}, ChannelMap{64, 1}, ChannelMap{300, 1},
                                 ChannelMap{3, 49}, ChannelMap{5, 1000}, ChannelMap{1, 77}}) {
        const auto x = values(map.channels * map.stride * 60, 9);
        const TensorStatistics s = statisticsOf(x, map);
        ASSERT_EQ(s.channels.size(), map.channels);
        std::vector<Moments> expected(map.channels);
        for (std::size_t i = 0; i < x.size(); ++i) {
            Moments& m = expected[(i / map.stride) % map.channels];
            ++m.count;
            m.zeros += x[i] == 0.0f;
            m.min = std::min(m.min, x[i]);
            m.max = std::max(m.max, x[i]);
            m.sum += x[i];
            m.sumOfSquares += static_cast<double>(x[i]) * x[i];
        }
        Moments total;
        for (std::size_t c = 0; c < map.channels; ++c) {
            EXPECT_EQ(s.channels[c].count, expected[c].count);
            EXPECT_EQ(s.channels[c].zeros, expected[c].zeros);
            EXPECT_EQ(s.channels[c].min, expected[c].min);
            EXPECT_EQ(s.channels[c].max, expected[c].max);
            EXPECT_NEAR(s.channels[c].sum, expected[c].sum,
                        1e-9 * std::sqrt(expected[c].sumOfSquares * 1000.0));
            EXPECT_NEAR(s.channels[c].sumOfSquares, expected[c].sumOfSquares,
                        1e-12 * expected[c].sumOfSquares);
            total.merge(s.channels[c]);
        }
        EXPECT_EQ(s.total, total);
    }
}

TEST(Statistics, MergedInSampleOrderTheyDoNotDependOnTheSplit)
{
    std::mt19937 generator(3);
    std::vector<TensorStatistics> samples;
    for (unsigned i = 0; i < 24; ++i) {
        auto x = values(1000 + i, i);
        if (i == 7) {
            x[5] = std::numeric_limits<float>::quiet_NaN();
        }
        samples.push_back(statisticsOf(x, {4, 1}));
    }
    TensorStatistics whole;
    for (const auto& s : samples) {
        whole.merge(s);
    }
    EXPECT_EQ(whole.samples, 24u);
    // Batches of any size hand over their samples; these are merged one after the other.
    for (int round = 0; round < 5; ++round) {
        TensorStatistics merged;
        for (std::size_t begin = 0; begin < samples.size();) {
            const std::size_t end = std::min<std::size_t>(samples.size(), begin + 1 + generator() % 6);
            for (; begin < end; ++begin) {
                merged.merge(samples[begin]);
            }
        }
        EXPECT_EQ(merged, whole);
    }
    // All but the double sums are equal under any order, too.
    std::ranges::shuffle(samples, generator);
    TensorStatistics shuffled;
    for (const auto& s : samples) {
        shuffled.merge(s);
    }
    EXPECT_EQ(shuffled.histogram, whole.histogram);
    EXPECT_EQ(shuffled.total.min, whole.total.min);
    EXPECT_EQ(shuffled.total.count, whole.total.count);
}

TEST(Statistics, AZeroMinimumHasNoSign)
{
    EXPECT_FALSE(std::signbit(statisticsOf(std::vector{-0.0f, -0.0f, 1.0f}, {}).total.min));
}

} // namespace
