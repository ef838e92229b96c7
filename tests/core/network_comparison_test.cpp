#include "core/session/network_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using core::CalibrationMethod;
using core::QuantizationPlan;

TEST(NetworkComparison, MethodReplacesWhatWasSaidOfMethodsAndRangesOnly)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.operators["a"].activation.method = CalibrationMethod{"manual", std::nullopt};
    plan.operators["a"].activation.range = core::Range{-1.0, 1.0};
    plan.operators["b"].precision = core::kFp32;
    plan.inputs["x"].activation.method = CalibrationMethod{"l2", std::nullopt};
    const QuantizationPlan next = core::withActivationMethod(plan, {"entropy", std::nullopt});
    EXPECT_EQ(next.settingsFor("a", "Conv").activation.method->name, "entropy");
    EXPECT_FALSE(next.settingsFor("a", "Conv").activation.range);
    EXPECT_EQ(next.settingsForInput("x").activation.method->name, "entropy");
    EXPECT_EQ(next.operators.at("b").precision, core::kFp32);
    EXPECT_FALSE(next.operators.contains("a")) << "nothing of it is left";
    EXPECT_EQ(next.types, plan.types);
}

TEST(NetworkComparison, ComparesWhatChoosesARange)
{
    const auto own = core::methodsToCompare(core::Variants::Leave);
    const auto all = core::methodsToCompare(core::Variants::Include);
    EXPECT_GE(own.size(), 5U);
    EXPECT_GT(all.size(), own.size());
    EXPECT_EQ(std::ranges::count(own, std::string("manual"), &CalibrationMethod::name), 0);
    EXPECT_TRUE(std::ranges::none_of(
        own, [](const CalibrationMethod& m) { return m.name.find(':') != std::string::npos; }));
}

TEST(NetworkComparison, TheLogitsDecideElseTheWorstOfThoseThatAreNotExact)
{
    core::Report report;
    EXPECT_FALSE(core::decisiveOutputDb(report));
    report.outputs.resize(3);
    report.outputs[0].error.sqnrDb = 30.0;
    report.outputs[2].error.sqnrDb = 12.5;
    EXPECT_DOUBLE_EQ(*core::decisiveOutputDb(report), 12.5);
    report.outputs[0].kind = "logits";
    EXPECT_DOUBLE_EQ(*core::decisiveOutputDb(report), 30.0);
}

} // namespace
