#include "core/calibration/dynamic_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace {

using core::DynamicHistogram;
using Counts = std::vector<std::uint64_t>;

TEST(DynamicHistogram, GoldenSequence)
{
    DynamicHistogram h(4);
    const std::vector<float> values{0, 1, 0.25f, 0.5f, -1, 2.5f, 2.5f, -0.5f, 4};
    const std::vector<std::pair<float, float>> ranges{{0, 0},  {0, 1},  {0, 1},  {0, 1}, {-1, 1},
                                                      {-1, 3}, {-1, 3}, {-1, 3}, {-1, 7}};
    for (std::size_t i = 0; i < values.size(); ++i) {
        h.add({&values[i], 1});
        EXPECT_EQ(h.internal().min, ranges[i].first) << "after value " << i;
        EXPECT_EQ(h.internal().max, ranges[i].second) << "after value " << i;
        EXPECT_EQ(h.internal().counts.size(), 16u);
    }
    const auto result = h.finalize();
    EXPECT_EQ(result.min, -1.0f);
    EXPECT_EQ(result.max, 4.0f);
    EXPECT_EQ(result.counts, (Counts{3, 3, 1, 2})); // exact would be 3 3 2 1: one count has leaked
}

TEST(DynamicHistogram, AcceptsUpstreamsOwnAccuracyTest)
{
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(65536);
    std::ranges::generate(values, [&] { return normal(generator); });
    DynamicHistogram h(64);
    for (std::size_t begin = 0; begin < values.size(); begin += 256) {
        h.add(std::span(values).subspan(begin, 256));
    }
    const auto result = h.finalize();
    core::StaticHistogram exact{result.min, result.max, Counts(64)};
    for (const float v : values) {
        exact.add(v);
    }
    double squared = 0.0;
    for (std::size_t i = 0; i < 64; ++i) {
        squared += std::pow(static_cast<double>(result.counts[i]) - static_cast<double>(exact.counts[i]), 2);
    }
    EXPECT_LT(squared / 65536, 0.3);
    EXPECT_EQ(std::accumulate(result.counts.begin(), result.counts.end(), std::uint64_t{0}), 65536u);
}

TEST(DynamicHistogram, ConstantsAndNothing)
{
    DynamicHistogram h(8);
    EXPECT_EQ(h.finalize().counts, Counts(8));
    h.add(std::vector{2.0f, 2.0f});
    EXPECT_EQ(h.finalize().counts[0], 2u);
    EXPECT_EQ(h.finalize().min, 2.0f);
}

TEST(DynamicHistogram, ColumnsCountTheirLargestMagnitudeOncePerRun)
{
    std::vector<DynamicHistogram> columns(2, DynamicHistogram(4));
    core::addColumnMaxima(std::vector{1.0f, -8.0f, -3.0f, 2.0f}, columns);
    core::addColumnMaxima(std::vector{0.5f, 0.0f}, columns);
    EXPECT_EQ(columns[0].finalize().max, 3.0f);
    EXPECT_EQ(columns[0].finalize().min, 0.5f);
    EXPECT_EQ(columns[1].finalize().max, 8.0f);
    EXPECT_EQ(columns[1].finalize().counts, (Counts{1, 0, 0, 1}));
}

} // namespace
