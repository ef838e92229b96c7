#include "core/base/error.h"
#include "core/repair/empirical_bias.h"
#include "core/repair/learned_rounding.h"
#include "core/repair/operator_walk.h"
#include "core/repair/repair.h"
#include "core/repair/smoothing.h"
#include "tests/support/chain_network.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

namespace {

using core::RepairKind;

core::QuantizationPlan coarse(int bits)
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.granularity = core::Granularity{core::Granularity::Kind::PerTensor, 0};
    plan.defaults.weight.bits = bits;
    plan.defaults.precision = core::Precision{core::Precision::Kind::Integer, 0};
    return plan;
}

core::RepairRequest request(core::QuantizationPlan plan, std::vector<RepairKind> kinds)
{
    core::RepairRequest result{std::move(plan), {}, {}, 16};
    for (const RepairKind kind : kinds) {
        result.repairs.push_back({kind});
    }
    return result;
}

TEST(Repair, NamesReadBack)
{
    for (const core::RepairInfo& info : core::repairs()) {
        EXPECT_EQ(core::parseRepair(info.name).kind, info.kind);
    }
    EXPECT_EQ(core::parseRepair("smooth:0.75"), (core::Repair{RepairKind::Smooth, 0.75}));
    EXPECT_EQ(core::toString(core::parseRepair("smooth:0.75")), "smooth:0.75");
    EXPECT_THROW((void)core::parseRepair("equalise"), core::Error);
    EXPECT_THROW((void)core::parseRepair("equalize:0.5"), core::Error);
    EXPECT_THROW((void)core::parseRepair("smooth:2"), core::Error);
}

TEST(Repair, MeasuresWhatItGains)
{
    const auto session = support::chainSession({100.0, 3, false, std::nullopt}, 16);
    const auto outcome = core::repair(
        *session,
        request(coarse(8), {RepairKind::BiasCorrection, RepairKind::Equalize, RepairKind::ZeroDeadChannels}),
        {}, {});
    ASSERT_TRUE(outcome && outcome->before.sqnrDb && outcome->after.sqnrDb);
    EXPECT_GT(*outcome->after.sqnrDb, *outcome->before.sqnrDb + 15.0);
    EXPECT_EQ(outcome->after.samples, 16u);
    EXPECT_TRUE(outcome->plan.defaults.weight.equalize->automatic);
    EXPECT_THAT(outcome->notes, testing::Contains(testing::HasSubstr("3 pairs of operators are equalized")));
    const auto again = core::measurePlan(*session, outcome->plan, {}, {});
    EXPECT_EQ(again->sqnrDb, outcome->after.sqnrDb);
}

TEST(Repair, OfSomeOperatorsLeavesTheOthersAlone)
{
    const auto session = support::chainSession({}, 4);
    auto wish = request(coarse(8), {RepairKind::BiasCorrection});
    wish.operators = {"relu2"}; // an inner node of depthwise
    const auto outcome = core::repair(*session, wish, {}, {});
    EXPECT_FALSE(outcome->plan.defaults.weight.biasCorrection);
    EXPECT_EQ(outcome->plan.operators.size(), 1u);
    EXPECT_EQ(outcome->plan.operators.at("depthwise").weight.biasCorrection->kind,
              core::BiasCorrection::Kind::Analytic);
    wish.operators = {"pool"};
    EXPECT_THROW((void)core::repair(*session, wish, {}, {}), core::Error);
    wish.operators = {"depthwize"};
    EXPECT_THROW((void)core::repair(*session, wish, {}, {}), core::Error);
}

TEST(Repair, EmpiricalBiasLeavesNoMeanError)
{
    const auto session = support::chainSession({20.0, std::nullopt, false, std::nullopt}, 16);
    std::vector<std::string> notes;
    const auto plain = coarse(4);
    auto plan = *core::repairedPlan(*session, request(plain, {RepairKind::EmpiricalBias}), notes, {}, {});
    // Walked again, every operator's mean error is what its correction takes away.
    double left = 0.0;
    double was = 0.0;
    ASSERT_TRUE(core::walkOperators(*session, plan, 16,
                                    [&](const core::WalkStep& step, core::QuantizationPlan&) {
                                        const auto error = core::meanResultError(step);
                                        const auto& correction =
                                            *plan.operators.at(step.op().name).weight.biasCorrection;
                                        EXPECT_EQ(correction.kind, core::BiasCorrection::Kind::Given);
                                        for (std::size_t c = 0; c < error.size(); ++c) {
                                            left += std::fabs(error[c] - correction.error[c]);
                                            was += std::fabs(error[c]);
                                        }
                                        return false;
                                    },
                                    {}, {}));
    EXPECT_GT(was, 0.0);
    EXPECT_LT(left, 1e-5 * was);
    EXPECT_GT(*core::measurePlan(*session, plan, {}, {})->sqnrDb,
              *core::measurePlan(*session, plain, {}, {})->sqnrDb + 1.0);
}

TEST(Repair, LearntRoundingNeverLosesAndGainsAtFewBits)
{
    const auto session = support::chainSession({}, 16);
    auto plan = coarse(3);
    int improved = 0;
    ASSERT_TRUE(core::walkOperators(*session, plan, 16,
                                    [&](const core::WalkStep& step, core::QuantizationPlan&) {
                                        const auto learned = core::learnRounding(step, false);
                                        EXPECT_LE(learned.learned, learned.nearest * (1.0 + 1e-9))
                                            << step.op().name;
                                        improved += learned.learned < 0.7 * learned.nearest ? 1 : 0;
                                        return false;
                                    },
                                    {}, {}));
    EXPECT_GE(improved, 2);
    std::vector<std::string> notes;
    const auto repaired =
        *core::repairedPlan(*session, request(plan, {RepairKind::LearnedRounding}), notes, {}, {});
    EXPECT_GT(*core::measurePlan(*session, repaired, {}, {})->sqnrDb,
              *core::measurePlan(*session, plan, {}, {})->sqnrDb);
    // The codes are those of the mask: down or up, never further.
    const auto graph = session->operators(repaired);
    const auto before = session->resolve(plan, {}, {});
    const auto after = session->resolve(repaired, {}, {});
    int turned = 0;
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        for (std::size_t k = 0; after->operators[i].weights && k < after->operators[i].weights->codeCount();
             ++k) {
            const int change =
                after->operators[i].weights->codeAt(k) - before->operators[i].weights->codeAt(k);
            EXPECT_LE(std::abs(change), 1);
            turned += std::abs(change);
        }
        if (after->operators[i].weights) {
            EXPECT_NE(after->operators[i].key, before->operators[i].key);
        }
    }
    EXPECT_GT(turned, 0);
}

/// By brute force over all masks of a depthwise channel's nine weights.
TEST(Repair, LearntRoundingComesCloseToTheBestMask)
{
    const auto session = support::chainSession({}, 4);
    auto plan = coarse(4);
    core::walkOperators(*session, plan, 4,
                        [&](const core::WalkStep& step, core::QuantizationPlan&) {
                            if (step.op().name != "fc") {
                                return false;
                            }
                            const core::DequantizedWeights reals(step.op(), *step.resolvedOp().weights);
                            const auto w = step.op().constants[1]->as<float>(); // 6×5
                            double best = 0.0;
                            for (std::size_t n = 0; n < 5; ++n) {
                                double least = 1e30;
                                for (unsigned mask = 0; mask < 64; ++mask) {
                                    double loss = 0.0;
                                    for (const auto& sample : step.quantized) {
                                        double error = 0.0;
                                        for (std::size_t k = 0; k < 6; ++k) {
                                            const double scale = reals.paramsAt(k * 5 + n).first;
                                            const double code =
                                                std::clamp(std::floor(w[k * 5 + n] / scale) + (mask >> k & 1),
                                                           -7.0, 7.0);
                                            error += (code * scale - w[k * 5 + n]) * sample.as<float>()[k];
                                        }
                                        loss += error * error / 4.0;
                                    }
                                    least = std::min(least, loss);
                                }
                                best += least;
                            }
                            const auto learned = core::learnRounding(step, false);
                            EXPECT_GE(learned.learned, best * (1.0 - 1e-6));
                            EXPECT_LT(learned.learned, learned.nearest);
                            return false;
                        },
                        {}, {});
}

TEST(Repair, SmoothingHalvesTheLogarithmsAsDnnlowpDoes)
{
    const auto session = support::chainSession({100.0, std::nullopt, false, std::nullopt}, 8);
    const auto plan = coarse(8);
    ASSERT_TRUE(session->calibrate(plan, {}, {}));
    const auto graph = session->operators(plan);
    const auto& op = graph->at(*graph->find("depthwise"));
    const auto& source = session->calibrationStatistics()->at("relu1_out");
    const auto scales = core::smoothingScales(*graph, op, source, 0.5);
    ASSERT_EQ(scales.size(), 8u);
    const auto w = op.constants[1]->as<float>();
    for (std::size_t c = 0; c < 8; ++c) {
        float largest = 0.0f;
        for (std::size_t k = 0; k < 9; ++k) {
            largest = std::max(largest, std::fabs(w[c * 9 + k]));
        }
        EXPECT_NEAR(scales[c], std::sqrt(source.channels[c].max / largest), 1e-3 * scales[c]); // 1 / S_j
    }
    std::vector<std::string> notes;
    const auto repaired = *core::repairedPlan(*session, request(plan, {RepairKind::Smooth}), notes, {}, {});
    EXPECT_EQ(repaired.operators.at("depthwise").weight.equalize->scale, scales);
    EXPECT_THAT(notes, testing::Contains(testing::HasSubstr("not conv")));
}

TEST(Repair, LearntRangesAreManualAndNoWorse)
{
    const auto session = support::chainSession({}, 8);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.activation.bits = 4;
    plan.defaults.precision = core::Precision{core::Precision::Kind::Integer, 0};
    const auto outcome = core::repair(*session, request(plan, {RepairKind::LearnedRange}), {}, {});
    EXPECT_GT(*outcome->after.sqnrDb, *outcome->before.sqnrDb);
    EXPECT_EQ(outcome->plan.operators.at("depthwise").activation.method->name, "manual");
    EXPECT_TRUE(outcome->plan.operators.at("depthwise").activation.range);
}

} // namespace
