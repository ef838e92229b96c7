#include "core/search/search_state.h"
#include "core/sensitivity/ranks.h"
#include "core/sensitivity/three_truths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

core::Trial trial(double share, std::optional<double> sqnrDb, std::optional<double> drop = std::nullopt)
{
    core::Trial result;
    result.int8Share = share;
    result.sqnrDb = sqnrDb;
    result.top1Drop = drop;
    return result;
}

core::SearchGoal sqnrGoal(double decibels)
{
    core::SearchGoal goal;
    goal.sqnrDb = decibels;
    return goal;
}

TEST(Ranks, EqualValuesShareTheMean)
{
    const std::vector<double> values{3.0, 5.0, 3.0, 1.0};
    EXPECT_EQ(core::ranksOf(values), (std::vector<double>{2.5, 1.0, 2.5, 4.0}));
}

TEST(Ranks, SpearmanSeesOrderOnly)
{
    const std::vector<double> a{1.0, 2.0, 3.0, 4.0};
    const std::vector<double> b{1.0, 10.0, 100.0, 1000.0};
    const std::vector<double> reversed{4.0, 3.0, 2.0, 1.0};
    const std::vector<double> constant{2.0, 2.0, 2.0, 2.0};
    EXPECT_DOUBLE_EQ(core::spearman(a, b), 1.0);
    EXPECT_DOUBLE_EQ(core::spearman(a, reversed), -1.0);
    EXPECT_DOUBLE_EQ(core::spearman(a, constant), 0.0);
}

TEST(SearchState, TheFrontRisesInQualityAsInt8Falls)
{
    const std::vector<core::Trial> trials{trial(1.0, 10.0), trial(0.9, 8.0), trial(0.8, 20.0),
                                          trial(0.8, 22.0), trial(0.5, std::nullopt)};
    EXPECT_THAT(core::paretoFront(trials, sqnrGoal(30.0)), testing::ElementsAre(0, 3, 4)); // none: exact
}

TEST(SearchState, UnderATargetOfQualityMoreInt8WinsOnceItIsReached)
{
    const core::SearchGoal goal = sqnrGoal(20.0);
    EXPECT_TRUE(core::isBetter(trial(0.5, 21.0), trial(1.0, 19.0), goal));
    EXPECT_TRUE(core::isBetter(trial(0.9, 20.0), trial(0.5, 40.0), goal));
    EXPECT_TRUE(core::isBetter(trial(0.2, 19.0), trial(0.9, 18.0), goal)); // neither: the closer one
}

TEST(SearchState, UnderATargetOfInt8QualityWins)
{
    core::SearchGoal goal;
    goal.int8Share = 0.9;
    EXPECT_TRUE(core::isBetter(trial(0.9, 21.0), trial(1.0, 19.0), goal));
    EXPECT_TRUE(core::isBetter(trial(0.9, 1.0), trial(0.8, 40.0), goal));
}

TEST(SearchState, PointsOfTop1ComeBeforeDecibels)
{
    core::SearchGoal goal;
    goal.top1Drop = 2.0;
    EXPECT_TRUE(core::isBetter(trial(0.9, 10.0, 1.5), trial(1.0, 20.0, 2.5), goal));
    EXPECT_TRUE(core::hasLessError(trial(1.0, 10.0, 1.0), trial(1.0, 20.0, 1.5), goal));
    EXPECT_FALSE(core::reaches(trial(1.0, 10.0), goal)); // no labels, no top-1
}

TEST(ThreeTruths, FlagsRanksThatAreFarApart)
{
    std::vector<core::OperatorTruths> rows(12);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].isolated = 1.0 / static_cast<double>(i + 1);
        rows[i].onlyThis = i == 0 ? 0.001 : 1.0 / static_cast<double>(i + 1);
    }
    core::rankTruths(rows);
    EXPECT_TRUE(rows[0].disagrees); // first by its own error, last at the output
    EXPECT_FALSE(rows[1].disagrees);
    EXPECT_EQ(rows[1].onlyThisRank, 1.0);
}

} // namespace
