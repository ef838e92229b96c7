#include "kernels/emulated/fixed_point_sum.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace {

using kernels::CodeBounds;
using kernels::FixedPointFactor;
using kernels::TieRule;

constexpr CodeBounds kSigned{-128, 127};
constexpr CodeBounds kWide{-100000, 100000};

TEST(FixedPointSum, TheLargerMultiplierHas31BitsAndBothOneShift)
{
    const auto factors = kernels::chooseCommonShiftSum(0.25, 1.0);
    EXPECT_EQ(factors.residual, (FixedPointFactor{1 << 30, 30}));
    EXPECT_EQ(factors.accumulator, (FixedPointFactor{1 << 28, 30}));
}

// 2·0.25 + 1·1 = 1.5 and its negative.
TEST(FixedPointSum, TiesGoAwayFromZeroOrUp)
{
    const auto common = kernels::chooseCommonShiftSum(0.25, 1.0);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(2, 1, common, 0, kSigned, TieRule::AwayFromZero), 2);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(2, 1, common, 0, kSigned, TieRule::Up), 2);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(-2, -1, common, 0, kSigned, TieRule::AwayFromZero), -2);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(-2, -1, common, 0, kSigned, TieRule::Up), -1);
    const auto gemmlowp = kernels::chooseGemmlowpSum(0.25, 1.0);
    EXPECT_EQ(kernels::requantizeGemmlowpSum(2, 1, gemmlowp, 0, kSigned), 2);
    EXPECT_EQ(kernels::requantizeGemmlowpSum(-2, -1, gemmlowp, 0, kSigned), -2);
}

// What a fused Add gains: 0.4 + 0.4 is 1, where two roundings give 0.
TEST(FixedPointSum, RoundsTheSumAndNotItsTerms)
{
    const auto common = kernels::chooseCommonShiftSum(0.4, 0.4);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(1, 1, common, 0, kSigned, TieRule::Up), 1);
    EXPECT_EQ(kernels::requantizeGemmlowpSum(1, 1, kernels::chooseGemmlowpSum(0.4, 0.4), 0, kSigned), 1);
    EXPECT_EQ(kernels::requantizeDnnlowp(1, kernels::chooseDnnlowpFactor(0.4f), 0, kSigned), 0);
}

TEST(FixedPointSum, SaturatesAndAddsTheZeroPoint)
{
    const auto common = kernels::chooseCommonShiftSum(1.0, 1.0);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(2000000000, 0, common, 3, kSigned, TieRule::Up), 127);
    EXPECT_EQ(kernels::requantizeCommonShiftSum(-5, 2, common, 3, kSigned, TieRule::Up), 0);
    const auto gemmlowp = kernels::chooseGemmlowpSum(1.0, 1.0);
    EXPECT_EQ(kernels::requantizeGemmlowpSum(-2000000000, 255, gemmlowp, 3, kSigned), -128);
    // Each term saturates first: of factor 1 = 0.5·2 at half of 2^31 / 2^20 codes.
    EXPECT_EQ(kernels::requantizeGemmlowpSum(5000, 0, gemmlowp, 0, kWide), 1024);
}

TEST(FixedPointSum, FactorsOutOfRangeAreKnown)
{
    EXPECT_TRUE(kernels::hasCommonShift(1e-12, 0.5));
    EXPECT_FALSE(kernels::hasCommonShift(1e-12, 1e-11));
    EXPECT_FALSE(kernels::hasCommonShift(1e-3, 1e9));
    EXPECT_EQ(kernels::requantizeCommonShiftSum(1 << 30, 255, kernels::chooseCommonShiftSum(3e-10, 3e-10), 7,
                                                kSigned, TieRule::Up),
              7);
}

TEST(FixedPointSum, LiesWithinHalfACodeOfTheRealSum)
{
    std::mt19937 random(3);
    std::uniform_int_distribution<std::int32_t> sums(-100000, 100000);
    std::uniform_int_distribution<std::int32_t> codes(-255, 255);
    std::uniform_real_distribution<double> factors(-13.0, 0.0);
    for (int i = 0; i < 20000; ++i) {
        const double m = std::exp2(factors(random)) * 0.01;
        const double r = std::exp2(factors(random) / 4.0);
        const std::int32_t acc = sums(random);
        const std::int32_t d = codes(random);
        const double exact = acc * m + d * r;
        const int common = kernels::requantizeCommonShiftSum(acc, d, kernels::chooseCommonShiftSum(m, r), 0,
                                                             kWide, TieRule::Up);
        const int gemmlowp =
            kernels::requantizeGemmlowpSum(acc, d, kernels::chooseGemmlowpSum(m, r), 0, kWide);
        ASSERT_LE(std::fabs(common - exact), 0.5001) << acc << " " << m << " " << d << " " << r;
        ASSERT_LE(std::fabs(gemmlowp - exact), 0.5001) << acc << " " << m << " " << d << " " << r;
    }
}

} // namespace
