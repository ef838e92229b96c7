#include "core/session/side_by_side.h"

#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

namespace {

// numpy.percentile([4, 1, 3, 2], [25, 50, 75]) is [1.75, 2.5, 3.25].
TEST(TimeSpread, QuartilesLieBetweenNeighbours)
{
    const core::TimeSpread spread = core::spreadOf({4.0, 1.0, 3.0, 2.0});
    EXPECT_DOUBLE_EQ(spread.lowerQuartile, 1.75);
    EXPECT_DOUBLE_EQ(spread.median, 2.5);
    EXPECT_DOUBLE_EQ(spread.upperQuartile, 3.25);
    EXPECT_DOUBLE_EQ(spread.least, 1.0);
    EXPECT_DOUBLE_EQ(core::spreadOf({7.0}).upperQuartile, 7.0);
}

TEST(SideBySide, TimesThreeFormsOfOneNetwork)
{
    const auto session = support::chainSession({}, 3);
    const auto plan = core::QuantizationPlan::makeDefault();
    const auto result = core::runSideBySide(*session, plan, {2, 1, 3}, {}, {});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->timedSamples, 2U);
    EXPECT_GT(result->operatorsUnfused, result->operatorsFused);
    for (const core::TimeSpread& time : {result->unfused, result->fused, result->quantized}) {
        EXPECT_GT(time.least, 0.0);
        EXPECT_LE(time.least, time.lowerQuartile);
        EXPECT_LE(time.lowerQuartile, time.median);
        EXPECT_LE(time.median, time.upperQuartile);
    }
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_FALSE(core::runSideBySide(*session, plan, {2, 1, 3}, stopped.get_token(), {}));
}

} // namespace
