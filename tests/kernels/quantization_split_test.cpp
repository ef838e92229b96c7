#include "kernels/statistics/error_metrics.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

TEST(QuantizationSplit, OnlyClippingLeavesNothingToRounding)
{
    // u8 with scale 1/64: 3.984375 is the highest value, and every value is beyond it or on the grid.
    const std::vector<float> y{5.0f, 7.25f, 100.0f, 0.5f, 3.984375f, -2.0f};
    const auto split = kernels::splitQuantization(y, kernels::formatU8(1.0f / 64.0f));
    EXPECT_EQ(split.squaredRound, 0.0);
    EXPECT_EQ(split.cross, 0.0);
    EXPECT_GT(split.squaredClip, 0.0);
    EXPECT_EQ(split.clipped, 4u);
}

TEST(QuantizationSplit, OnlyRoundingLeavesNothingToClipping)
{
    const std::vector<float> y{0.3f, 0.7f, 1.9f, 3.98f, 0.001f};
    const auto split = kernels::splitQuantization(y, kernels::formatU8(1.0f / 64.0f));
    EXPECT_EQ(split.squaredClip, 0.0);
    EXPECT_EQ(split.cross, 0.0);
    EXPECT_GT(split.squaredRound, 0.0);
    EXPECT_EQ(split.clipped, 0u);
}

} // namespace
