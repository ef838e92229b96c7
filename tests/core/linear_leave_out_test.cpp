#include "core/sensitivity/linear_leave_out.h"

#include "core/sensitivity/fast_ranking.h"
#include "core/sensitivity/leave_one.h"
#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

struct Measured
{
    std::vector<core::OperatorId> operators;
    std::vector<core::LeaveOneEffect> exact;
    core::LinearLeaveOut linear;
    double squaredError = 0.0;
};

Measured measured(std::size_t samples)
{
    const auto session = support::chainSession({}, samples);
    core::OutputProbe probe(*session, core::QuantizationPlan::makeDefault(), samples);
    EXPECT_TRUE(probe.begin({}, {}));
    Measured result;
    result.operators = core::sensitiveOperators(probe.network());
    result.exact = *core::measureLeaveOne(*session, probe, result.operators, core::LeaveOne::Out, {}, {}, {});
    result.linear = *core::predictLeaveOut(*session, probe, result.operators,
                                           probe.network().outputs[0].value, samples, {}, {});
    result.squaredError = probe.base().outputs[0].squaredError;
    return result;
}

TEST(LinearLeaveOut, IsExactForAnOperatorThatWritesTheOutputButForTheDraw)
{
    const Measured m = measured(64);
    EXPECT_NEAR(m.linear.squaredError, m.squaredError, 1e-6 * m.squaredError);
    const double exact = m.squaredError - m.exact.back().out->outputs[0].squaredError; // the Gemm
    EXPECT_GT(m.linear.effects.back().standardError, 0.0);
    EXPECT_NEAR(m.linear.effects.back().removed, exact, 3.0 * m.linear.effects.back().standardError);
}

TEST(LinearLeaveOut, AnInputWhoseReaderRoundsItAnywayHasNoEffect)
{
    const Measured m = measured(4);
    EXPECT_EQ(m.exact.front().out->outputs[0].squaredError, m.squaredError);
    EXPECT_EQ(m.linear.effects.front().removed, 0.0);
}

TEST(LinearLeaveOut, GivesTheGainThatItsShareOfTheErrorMeans)
{
    core::LinearLeaveOut leaveOut;
    leaveOut.effects = {{core::OperatorId{0}, true, 5.0, 1.0}, {core::OperatorId{1}, false, 0.0, 0.0}};
    leaveOut.squaredError = 10.0;
    std::vector<core::PredictedEffect> effects(2);
    effects[1].op = core::OperatorId{1};
    effects[1].gainDb = 0.25;
    core::OutputEffect all;
    all.outputs = {{20.0, 80.0}};
    core::useLeaveOut(leaveOut, all, std::vector<core::MeasuredOutput>(1), effects);
    EXPECT_NEAR(effects[0].gainDb, 3.0103, 1e-4);
    EXPECT_NEAR(*effects[0].gainErrorDb, 4.3429 * 1.0 / 5.0, 1e-4);
    EXPECT_NEAR(*effects[0].allButThis, std::sqrt(10.0 / 80.0), 1e-9);
    EXPECT_EQ(effects[1].gainSource, core::GainSource::UncorrelatedErrors);
    EXPECT_EQ(effects[1].gainDb, 0.25); // what the reverse pass does not reach stays
}

} // namespace
