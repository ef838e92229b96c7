#include "kernels/emulated/saturating_dot.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using Unsigned = std::vector<std::uint8_t>;
using Signed = std::vector<std::int8_t>;

TEST(SaturatingDot, GoldenPairsWithoutVnni)
{
    EXPECT_EQ(kernels::dotPairSaturating(Unsigned{255, 255}, Signed{127, 127}).value, 32767);
    EXPECT_EQ(kernels::dotExact(Unsigned{255, 255}, Signed{127, 127}), 64770);
    EXPECT_EQ(kernels::dotPairSaturating(Signed{127, 127}, Signed{127, 127}).value, 255); // exact: 32258
}

TEST(SaturatingDot, GoldenSumsOfOneConstant)
{
    const Unsigned x(256, 255);
    const Signed large(256, 127);
    EXPECT_EQ(kernels::dotExact(x, large), 8290560);
    const auto pairs = kernels::dotPairSaturating(x, large);
    EXPECT_EQ(pairs.value, 4194176);
    EXPECT_EQ(pairs.saturatedPairs, 128);
    EXPECT_EQ(kernels::dotAcc16(x, large).value, 32767);
    const Signed small(256, 5);
    EXPECT_EQ(kernels::dotExact(x, small), 326400);
    const auto narrow = kernels::dotAcc16(x, small);
    EXPECT_EQ(narrow.value, 32767);
    EXPECT_EQ(narrow.saturatedPairs, 0);
    EXPECT_GT(narrow.saturatedSums, 0);
}

TEST(SaturatingDot, SevenBitWeightsNeverSaturateAPair)
{
    std::mt19937 generator(4);
    Unsigned x(513);
    Signed w(513);
    for (int round = 0; round < 50; ++round) {
        for (std::size_t k = 0; k < x.size(); ++k) {
            x[k] = static_cast<std::uint8_t>(generator() % 2 ? 255 : generator() % 256);
            w[k] = static_cast<std::int8_t>(generator() % 2 ? -64 : static_cast<int>(generator() % 128) - 64);
        }
        const auto sum = kernels::dotPairSaturating(x, w);
        EXPECT_EQ(sum.saturatedPairs, 0);
        EXPECT_EQ(sum.value, kernels::dotExact(x, w));
    }
}

TEST(SaturatingDot, TheNarrowSumStartsAfreshEvery256Values)
{
    const Unsigned x(512, 255);
    const Signed w(512, 5);
    EXPECT_EQ(kernels::dotAcc16(x, w).value, 2 * 32767);
    EXPECT_EQ(kernels::dotAcc16(Unsigned{1, 2, 3}, Signed{1, 1, 1}).value, 6);
}

TEST(SaturatingDot, OutliersAreWhatDoesNotFit)
{
    EXPECT_TRUE(kernels::isAcc16Outlier(0, 0));
    EXPECT_FALSE(kernels::isAcc16Outlier(-128, 8));
    EXPECT_TRUE(kernels::isAcc16Outlier(64, 7));
    EXPECT_FALSE(kernels::isAcc16Outlier(63, 7));
    EXPECT_FALSE(kernels::isAcc16Outlier(-64, 7));
    EXPECT_TRUE(kernels::isAcc16Outlier(-65, 7));
}

} // namespace
