#include "core/base/error.h"
#include "core/execution/executable.h"
#include "core/quantization/bias_correction.h"
#include "core/session/session.h"
#include "tests/support/chain_network.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace {

core::QuantizationPlan coarse()
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.granularity = core::Granularity{core::Granularity::Kind::PerTensor, 0};
    plan.defaults.weight.bits = 4; // errors of weights alone that are worth correcting
    plan.defaults.precision = core::Precision{core::Precision::Kind::Integer, 0};
    return plan;
}

/// RMS over channels of the mean of quantized minus FP32, in the result of `fc`, over all samples.
double meanShift(core::Session& session, const core::QuantizationPlan& plan)
{
    const auto shared = std::make_shared<const core::QuantizationPlan>(plan);
    const auto graph = session.operators(plan);
    std::vector<double> shift(5, 0.0);
    const std::size_t samples = session.data().evaluation->size();
    for (std::size_t i = 0; i < samples; ++i) {
        const auto tensors = session.tensors(shared, *graph->find("fc"), i, {});
        for (std::size_t c = 0; c < shift.size(); ++c) {
            shift[c] += (tensors->quantized.as<float>()[c] - tensors->fp32.as<float>()[c])
                / static_cast<double>(samples);
        }
    }
    return std::sqrt(std::inner_product(shift.begin(), shift.end(), shift.begin(), 0.0) / 5.0);
}

TEST(BiasCorrection, AnalyticTakesTheMeanErrorAway)
{
    const auto session = support::chainSession({}, 16);
    const auto plain = coarse();
    auto corrected = plain;
    corrected.defaults.weight.biasCorrection = core::BiasCorrection{core::BiasCorrection::Kind::Analytic, {}};
    EXPECT_LT(meanShift(*session, corrected), 0.5 * meanShift(*session, plain));
    EXPECT_NE(session->resolve(plain, {}, {})->operators[2].key,
              session->resolve(corrected, {}, {})->operators[2].key);
    EXPECT_EQ(session->operators(plain), session->operators(corrected)); // FP32 stays
}

TEST(BiasCorrection, OfOneLinearOperatorIsExact)
{
    // fc reads what is averaged: no clipping, no activation behind, so that its mean error is what the
    // formula says.
    const auto session = support::chainSession({}, 16);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.precision = core::kFp32;
    plan.operators["fc"].precision = core::kInt8;
    plan.operators["fc"].activation.bits = 8;
    plan.operators["fc"].weight.bits = 8;
    plan.quantizeOutputs = false;
    plan.operators["fc"].weight.method = core::CalibrationMethod{"minmax", std::nullopt};
    const auto resolved = session->resolve(plan, {}, {});
    const auto graph = session->operators(plan);
    const core::OperatorId fc = *graph->find("fc");
    const auto& weights = *resolved->operators[core::indexOf(fc)].weights;
    const auto statistics = session->calibrationStatistics();
    const auto error =
        core::expectedWeightError(*graph, graph->at(fc), weights, statistics->at("flatten_out"));
    ASSERT_TRUE(error);
    const core::DequantizedWeights reals(graph->at(fc), weights);
    const auto w = graph->at(fc).constants[1]->as<float>();
    for (std::size_t n = 0; n < 5; ++n) {
        double expected = 0.0;
        for (std::size_t k = 0; k < 6; ++k) {
            expected +=
                (reals.at(k * 5 + n) - w[k * 5 + n]) * statistics->at("flatten_out").channels[k].mean();
        }
        EXPECT_NEAR((*error)[n], expected, 1e-6);
    }
}

TEST(BiasCorrection, TapsAtTheBorderCountAsOftenAsTheyMeetTheSource)
{
    const auto graph = core::fuseOperators(support::chainNetwork(), {});
    const auto shares = core::tapShares(*graph, graph->at(*graph->find("depthwise"))); // 3×3, pad 1, of 6×6
    ASSERT_EQ(shares.size(), 9u);
    EXPECT_DOUBLE_EQ(shares[4], 1.0);
    EXPECT_DOUBLE_EQ(shares[1], 5.0 / 6.0);
    EXPECT_DOUBLE_EQ(shares[0], 25.0 / 36.0);
}

TEST(BiasCorrection, GivenNumbersAreSubtracted)
{
    const auto session = support::chainSession({}, 2);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.operators["fc"].weight.biasCorrection =
        core::BiasCorrection{core::BiasCorrection::Kind::Given, {0.5f, 0, 0, 0, -0.25f}};
    const auto graph = session->operators(plan);
    const auto resolved = session->resolve(plan, {}, {});
    const core::OperatorId fc = *graph->find("fc");
    const auto& weights = *resolved->operators[core::indexOf(fc)].weights;
    const float srcScale = resolved->values[core::indexOf(graph->at(fc).inputs[0])]->params.scale[0];
    ASSERT_EQ(weights.bias.size(), 5u);
    EXPECT_NEAR(weights.bias[0] * srcScale * weights.channelScale[0], -0.5, 1e-3);
    EXPECT_NEAR(weights.bias[4] * srcScale * weights.channelScale[4], 0.25, 1e-3);
    plan.operators["fc"].weight.biasCorrection->error.pop_back();
    EXPECT_THROW((void)session->resolve(plan, {}, {}), core::Error);
}

} // namespace
