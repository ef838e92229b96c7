#include "kernels/emulated/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace {

using kernels::CodeBounds;
using kernels::FixedPointFactor;
using kernels::RoundingOrder;

constexpr CodeBounds kUnsigned{0, 255};
constexpr CodeBounds kSigned{-128, 127};
constexpr CodeBounds kWide{std::numeric_limits<std::int32_t>::min(),
                           std::numeric_limits<std::int32_t>::max()};
constexpr auto kAfter = RoundingOrder::RoundThenAddZeroPoint;
constexpr auto kBefore = RoundingOrder::AddZeroPointThenRound;

TEST(QuantizeByReciprocal, TheOrdersDifferAtTiesWithAnOddZeroPoint)
{
    EXPECT_EQ(kernels::quantizeByReciprocal(0.5f, 1.0f, 1, kUnsigned, kBefore), 2);
    EXPECT_EQ(kernels::quantizeByReciprocal(0.5f, 1.0f, 1, kUnsigned, kAfter), 1);
    EXPECT_EQ(kernels::quantizeByReciprocal(1.5f, 1.0f, 1, kUnsigned, kBefore), 2);
    EXPECT_EQ(kernels::quantizeByReciprocal(1.5f, 1.0f, 1, kUnsigned, kAfter), 3);
    for (const float x : {0.5f, 1.5f, 2.5f}) { // an even zero point hides it
        EXPECT_EQ(kernels::quantizeByReciprocal(x, 1.0f, 2, kUnsigned, kBefore),
                  kernels::quantizeByReciprocal(x, 1.0f, 2, kUnsigned, kAfter));
    }
}

TEST(QuantizeByReciprocal, Saturates)
{
    const float inf = std::numeric_limits<float>::infinity();
    for (const auto order : {kAfter, kBefore}) {
        EXPECT_EQ(kernels::quantizeByReciprocal(1e30f, 0.1f, 3, kUnsigned, order), 255);
        EXPECT_EQ(kernels::quantizeByReciprocal(-inf, 0.1f, 3, kUnsigned, order), 0);
        EXPECT_EQ(kernels::quantizeByReciprocal(-13.0f, 0.1f, 0, kSigned, order), -128);
        EXPECT_EQ(kernels::quantizeByReciprocal(std::nanf(""), 0.1f, 3, kUnsigned, order), 3);
    }
}

TEST(QuantizeByReciprocal, IsNotADivision)
{
    // 0.3f·(1/0.2f) rounds to 1.5 and then to 2, while 0.3/0.2 in float is 1.5000001; look for any such pair.
    int different = 0;
    for (int i = 1; i < 20000; ++i) {
        const float scale = static_cast<float>(i) * 1e-3f;
        const float x = 2.5f * scale;
        const int divided = static_cast<int>(std::nearbyint(x / scale));
        different += divided != kernels::quantizeByReciprocal(x, scale, 0, kSigned, kAfter);
    }
    EXPECT_GT(different, 0);
}

TEST(RequantizeFloat, RoundsHalfToEvenBeforeTheZeroPoint)
{
    EXPECT_EQ(kernels::requantizeFloat(5, 0.5f, 1, kUnsigned, kAfter), 3);
    EXPECT_EQ(kernels::requantizeFloat(5, 0.5f, 1, kUnsigned, kBefore), 4);
    // Above 2^24 the accumulator itself is rounded.
    EXPECT_EQ(kernels::requantizeFloat((1 << 24) + 1, 1.0f, 0, kWide, kAfter), 1 << 24);
}

TEST(DnnlowpFactor, IsNormalizedAndExactForPowersOfTwo)
{
    EXPECT_EQ(kernels::chooseDnnlowpFactor(0.5f), (FixedPointFactor{1 << 30, 31}));
    EXPECT_EQ(kernels::chooseDnnlowpFactor(1.0f), (FixedPointFactor{1 << 30, 30}));
    EXPECT_EQ(kernels::chooseDnnlowpFactor(0.25f), (FixedPointFactor{1 << 30, 32}));
    EXPECT_EQ(kernels::chooseDnnlowpFactor(3.0f), (FixedPointFactor{3 << 29, 29}));
}

TEST(DnnlowpFactor, OnlyThirtyTwoBitsAreConsistent)
{
    const auto factor = kernels::chooseDnnlowpFactor(0.3f, 24);
    const double real = factor.multiplier * std::exp2(-factor.shift);
    EXPECT_NEAR(real, 0.3 / std::exp2(32 - 24), 1e-9);
}

TEST(FixedPoint, TheProductRoundsTiesUp)
{
    const auto dnnlowp = kernels::chooseDnnlowpFactor(0.5f);
    const auto gemmlowp = kernels::chooseGemmlowpFactor(0.5);
    const auto qnnpack = kernels::chooseQnnpackFactor(0.5f);
    struct Case
    {
        int accumulator, expected;
    };
    for (const Case& c : {Case{1, 1}, Case{3, 2}, Case{-1, 0}, Case{-3, -1}, Case{-5, -2}}) {
        EXPECT_EQ(kernels::requantizeDnnlowp(c.accumulator, dnnlowp, 0, kSigned), c.expected);
        EXPECT_EQ(kernels::requantizeGemmlowp(c.accumulator, gemmlowp, 0, kSigned), c.expected);
        EXPECT_EQ(kernels::requantizeQnnpack(c.accumulator, qnnpack, 0, kSigned), c.expected);
    }
}

TEST(FixedPoint, TheShiftRoundsTiesAwayFromZeroWhereDnnlowpRoundsOnceAndUp)
{
    const auto dnnlowp = kernels::chooseDnnlowpFactor(0.25f);
    const auto gemmlowp = kernels::chooseGemmlowpFactor(0.25);
    const auto qnnpack = kernels::chooseQnnpackFactor(0.25f);
    EXPECT_EQ(kernels::requantizeDnnlowp(-2, dnnlowp, 0, kSigned), 0); // −0.5
    EXPECT_EQ(kernels::requantizeGemmlowp(-2, gemmlowp, 0, kSigned), -1);
    EXPECT_EQ(kernels::requantizeQnnpack(-2, qnnpack, 0, kSigned), -1);
    EXPECT_EQ(kernels::requantizeGemmlowp(2, gemmlowp, 0, kSigned), 1);
    EXPECT_EQ(kernels::requantizeQnnpack(2, qnnpack, 0, kSigned), 1);
    // 0.25 becomes 0.5 in the first rounding and 1 in the second: rounding twice is visible.
    EXPECT_EQ(kernels::requantizeDnnlowp(1, dnnlowp, 0, kSigned), 0);
    EXPECT_EQ(kernels::requantizeGemmlowp(1, gemmlowp, 0, kSigned), 1);
    EXPECT_EQ(kernels::requantizeQnnpack(1, qnnpack, 0, kSigned), 1);
}

TEST(FixedPoint, GemmlowpShiftsLeftForFactorsAboveOne)
{
    EXPECT_EQ(kernels::requantizeGemmlowp(10, kernels::chooseGemmlowpFactor(6.0), 1, kUnsigned), 61);
    EXPECT_EQ(kernels::requantizeGemmlowp(10, kernels::chooseGemmlowpFactor(1e-12), 7, kUnsigned), 7);
    const auto most = std::numeric_limits<std::int32_t>::min();
    EXPECT_EQ(kernels::requantizeGemmlowp(most, kernels::chooseGemmlowpFactor(0.999999999999), 0, kSigned),
              -128);
}

TEST(FixedPoint, AgreesWithExactArithmeticToOneCode)
{
    std::mt19937 generator(5);
    for (int i = 0; i < 200000; ++i) {
        const float real = std::ldexp(0.5f + 0.49f * static_cast<float>(generator() % 1000) / 1000.0f,
                                      -static_cast<int>(generator() % 12));
        const auto accumulator = static_cast<std::int32_t>(generator()) >> (generator() % 24);
        const double exact = static_cast<double>(accumulator) * static_cast<double>(real);
        const double tolerance = 1.0 + std::abs(exact) * 1e-9;
        EXPECT_NEAR(kernels::requantizeDnnlowp(accumulator, kernels::chooseDnnlowpFactor(real), 0, kWide),
                    exact, tolerance);
        EXPECT_NEAR(kernels::requantizeGemmlowp(accumulator, kernels::chooseGemmlowpFactor(real), 0, kWide),
                    exact, tolerance);
        EXPECT_NEAR(kernels::requantizeQnnpack(accumulator, kernels::chooseQnnpackFactor(real), 0, kWide),
                    exact, tolerance);
    }
}

TEST(FixedPoint, AddsTheZeroPointBeforeItSaturates)
{
    EXPECT_EQ(kernels::requantizeDnnlowp(300, kernels::chooseDnnlowpFactor(1.0f), -100, kUnsigned), 200);
    EXPECT_EQ(kernels::requantizeGemmlowp(1000, kernels::chooseGemmlowpFactor(0.5), 10, kUnsigned), 255);
    EXPECT_EQ(kernels::requantizeQnnpack(-1000, kernels::chooseQnnpackFactor(0.5f), 10, kUnsigned), 0);
}

} // namespace
