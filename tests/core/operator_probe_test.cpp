// Parts and factors of what one operator adds to the error at the output.
#include "core/diagnosis/operator_probe.h"
#include "core/measure/prepared_network.h"
#include "tests/support/chain_network.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace {

core::NetworkProbe probe(const core::QuantizationPlan& plan)
{
    const auto session = support::chainSession({}, 8);
    const auto network = session->prepare(plan, {}, {});
    core::ProbeOptions options;
    options.samples = 8;
    options.partsFrom = 0.0;
    return *core::probeOperators(network->pipeline, network->plan, network->outputs,
                                 *session->data().evaluation, 8, options, {}, {});
}

const core::ErrorParts& partsOf(const core::NetworkProbe& probe, std::size_t i)
{
    EXPECT_TRUE(probe.operators[i].parts) << i;
    static const core::ErrorParts kNone;
    return probe.operators[i].parts ? *probe.operators[i].parts : kNone;
}

std::size_t indexOf(const char* name)
{
    const auto session = support::chainSession({}, 1);
    const auto network = session->prepare(core::QuantizationPlan::makeDefault(), {}, {});
    const auto& operators = network->graph().operators;
    return static_cast<std::size_t>(std::ranges::find(operators, name, &core::Operator::name)
                                    - operators.begin());
}

TEST(OperatorProbe, CoarseWeightsAreChargedToWeightsAndNotToTheActivation)
{
    auto plan = core::QuantizationPlan::makeDefault();
    const auto before = partsOf(probe(plan), indexOf("depthwise"));
    core::OperatorSettings coarse;
    coarse.weight.bits = 3;
    const auto after = partsOf(probe(plan.withOperator("depthwise", coarse)), indexOf("depthwise"));
    EXPECT_GT(after.weights, 50.0 * before.weights);
    EXPECT_GT(after.weights, 10.0 * after.activationOnly);
    EXPECT_DOUBLE_EQ(after.activationOnly, before.activationOnly) << "the output's grid is the same";
    EXPECT_DOUBLE_EQ(after.inputs, before.inputs) << "and so are the inputs";
}

TEST(OperatorProbe, CoarseInputsAreChargedToTheInput)
{
    auto plan = core::QuantizationPlan::makeDefault();
    const auto before = probe(plan);
    core::OperatorSettings coarse;
    coarse.activation.bits = 4;
    const auto after = probe(plan.withOperator("conv", coarse)); // read by depthwise
    EXPECT_GT(partsOf(after, indexOf("depthwise")).inputs,
              50.0 * partsOf(before, indexOf("depthwise")).inputs);
    EXPECT_GT(partsOf(after, indexOf("conv")).activationOnly,
              50.0 * partsOf(before, indexOf("conv")).activationOnly);
}

TEST(OperatorProbe, BiasIsRoundedInCodesAndFinerThanTheOutput)
{
    const auto parts = partsOf(probe(core::QuantizationPlan::makeDefault()), indexOf("depthwise"));
    EXPECT_GT(parts.bias, 0.0);
    EXPECT_LT(parts.bias, 0.01 * parts.round);
}

TEST(OperatorProbe, SaturatingSumsAreToldApartFromTheRestOfTheArithmetic)
{
    auto plan = core::QuantizationPlan::makeDefault();
    for (std::size_t i = 0; const auto& op : probe(plan).operators) {
        if (op.parts) {
            EXPECT_EQ(op.parts->saturation, 0.0) << i;
        }
        ++i;
    }
    plan.defaults.accumulator = core::parseAccumulator("s32-pair-saturating");
    const auto saturating = probe(plan);
    double most = 0.0;
    for (const auto& op : saturating.operators) {
        if (op.parts) {
            EXPECT_LE(op.parts->saturation, 4.0 * op.parts->arithmetic + 1e-12);
            most = std::max(most, op.parts->saturation);
        }
    }
    EXPECT_GT(most, 0.0);
}

TEST(OperatorProbe, OnlyAZeroPointThatIsRoundedNudges)
{
    const auto parts = probe(core::QuantizationPlan::makeDefault());
    EXPECT_EQ(partsOf(parts, indexOf("depthwise")).nudge, 0.0) << "its range starts at 0";
    EXPECT_NE(partsOf(parts, indexOf("fc")).nudge, 0.0);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.activation.scheme = core::Scheme::Symmetric;
    EXPECT_EQ(partsOf(probe(plan), indexOf("fc")).nudge, 0.0);
}

} // namespace
