#include "core/network/dead_channels.h"
#include "core/session/session.h"
#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

namespace {

using Kind = core::ZeroDeadChannels::Kind;

core::QuantizationPlan perTensor()
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.granularity = core::Granularity{core::Granularity::Kind::PerTensor, 0};
    return plan;
}

const core::QuantizedWeights& weightsOf(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                                        std::string_view name)
{
    return *plan.operators[core::indexOf(*graph.find(name))].weights;
}

TEST(DeadChannels, AreProvenByIntervalArithmetic)
{
    const auto graph = core::fuseOperators(support::chainNetwork({1.0, 3, false, std::nullopt}), {});
    const auto intervals = core::channelIntervals(*graph);
    const auto& depthwise = graph->at(*graph->find("depthwise"));
    EXPECT_EQ(core::deadChannels(*graph, depthwise, Kind::Provable, intervals, {}).sources,
              std::vector<std::int32_t>{3});
    const auto& conv = graph->at(*graph->find("conv"));
    EXPECT_EQ(core::deadChannels(*graph, conv, Kind::Provable, intervals, {}).results,
              std::vector<std::int32_t>{3});
    EXPECT_TRUE(core::deadChannels(*graph, depthwise, Kind::Off, intervals, {}).isEmpty());
}

TEST(DeadChannels, BoundsHoldForTheNetwork)
{
    const auto session = support::chainSession({1.0, 3, false, std::nullopt}, 4);
    const auto graph = session->operators(perTensor());
    ASSERT_TRUE(session->calibrate({}, {}));
    const auto intervals = core::channelIntervals(*graph);
    const auto statistics = session->calibrationStatistics();
    int checked = 0;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        for (std::size_t c = 0; c < intervals[i].size(); ++c) {
            const core::Moments& seen = statistics->at(graph->value(core::ValueId(i)).name).channels[c];
            EXPECT_LE(intervals[i][c].low, seen.min);
            EXPECT_GE(intervals[i][c].high, seen.max);
            ++checked;
        }
    }
    EXPECT_GT(checked, 20);
}

/// In FP32 nothing changes: the quantized pipeline with so many bits that rounding vanishes gives the same
/// outputs, and the weights set to zero only ever meet zeros.
TEST(DeadChannels, ZeroingThemShrinksThePerTensorScaleAndChangesNoFp32Value)
{
    const auto session = support::chainSession({1.0, 3, false, std::nullopt}, 8);
    const auto plain = perTensor();
    auto zeroed = plain;
    zeroed.defaults.weight.zeroDeadChannels = true;
    const auto graph = session->operators(plain);
    EXPECT_EQ(graph, session->operators(zeroed)); // the same FP32 network
    const auto before = session->resolve(plain, {}, {});
    const auto after = session->resolve(zeroed, {}, {});
    EXPECT_GT(weightsOf(*graph, *before, "depthwise").params.scale[0],
              15.0f * weightsOf(*graph, *after, "depthwise").params.scale[0]);
    const auto& codes = weightsOf(*graph, *after, "depthwise").codes;
    for (std::size_t k = 0; k < 9; ++k) {
        EXPECT_EQ(codes[3 * 9 + k], 0);
    }
    EXPECT_NE(before->operators[3].key, after->operators[3].key);
    const auto sqnr = [&](const core::QuantizationPlan& p) {
        return *session->run(std::make_shared<const core::QuantizationPlan>(p), {}, {})
                    ->outputs[0]
                    .error.sqnrDb;
    };
    EXPECT_GT(sqnr(zeroed), sqnr(plain) + 6.0);
    ASSERT_TRUE(session->calibrate({}, {}));
    const auto statistics = session->calibrationStatistics();
    EXPECT_EQ(statistics->at("relu1_out").channels[3].zeros, statistics->at("relu1_out").channels[3].count);
}

TEST(DeadChannels, WhatOnlyTheDataSayIsZeroedOnlyWhereAskedFor)
{
    const auto session = support::chainSession({1.0, 3, true, std::nullopt}, 8);
    auto plan = perTensor();
    const auto graph = session->operators(plan);
    plan.defaults.weight.zeroDeadChannels = true;
    EXPECT_TRUE(weightsOf(*graph, *session->resolve(plan, {}, {}), "depthwise").dead.isEmpty());
    plan.defaults.weight.zeroDeadChannels = Kind::Calibrated;
    const auto resolved = session->resolve(plan, {}, {});
    const core::DeadChannels& dead = weightsOf(*graph, *resolved, "depthwise").dead;
    EXPECT_EQ(dead.sources, std::vector<std::int32_t>{3});
    EXPECT_EQ(dead.calibratedSources, dead.sources);
    EXPECT_EQ(dead.samples, 8u);
    bool isSaid = false;
    for (const std::string& warning : resolved->warnings) {
        isSaid = isSaid || warning.find("zero in all 8 calibration samples") != std::string::npos;
    }
    EXPECT_TRUE(isSaid);
}

} // namespace
