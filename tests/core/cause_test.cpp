#include "core/report/cause.h"

#include <gtest/gtest.h>

namespace {

using core::Cause;
using core::causeOf;
using core::LayerReport;

core::ErrorMetrics error(double l2, double relative)
{
    core::ErrorMetrics metrics;
    metrics.l2 = l2;
    metrics.relativeL2 = relative;
    return metrics;
}

LayerReport layer(double isolated, double accumulated)
{
    LayerReport report;
    report.isolated = error(isolated, isolated);
    report.accumulated = error(accumulated, accumulated);
    report.outputQuantization = {.l2 = isolated, .clipL2 = 0.0, .roundL2 = isolated, .rangeUsed = 0.9};
    return report;
}

TEST(Cause, SmallErrorHasNone)
{
    EXPECT_EQ(causeOf(layer(0.005, 0.006)), Cause::None);
    EXPECT_EQ(causeOf(LayerReport{}), Cause::None);
}

TEST(Cause, LargeOnlyInThePipelineIsInherited)
{
    EXPECT_EQ(causeOf(layer(0.005, 0.2)), Cause::Inherited);
    EXPECT_EQ(causeOf(layer(0.02, 0.2)), Cause::Inherited);
}

TEST(Cause, WhatTheNetworkAmplifiesIsItsOwn)
{
    LayerReport report = layer(0.02, 0.2);
    report.atOutput = error(0.15, 0.15);
    EXPECT_EQ(causeOf(report), Cause::Rounded);
}

TEST(Cause, SmallWhereItArisesAndLargeAtTheOutputIsAmplified)
{
    LayerReport report = layer(0.003, 0.03);
    report.atOutput = error(0.02, 0.02);
    EXPECT_EQ(causeOf(report), Cause::Amplified);
    report.atOutput = error(0.005, 0.005);
    EXPECT_EQ(causeOf(report), Cause::Inherited);
}

TEST(Cause, WhatTheOutputFeelsIsNotOnlyInherited)
{
    LayerReport report = layer(0.024, 0.094);
    report.atOutput = error(0.02, 0.02);
    EXPECT_EQ(causeOf(report), Cause::Rounded);
    report.atOutput = error(0.008, 0.008);
    EXPECT_EQ(causeOf(report), Cause::Inherited);
}

TEST(Cause, RoundingDependsOnTheRangeUsed)
{
    LayerReport report = layer(0.05, 0.06);
    EXPECT_EQ(causeOf(report), Cause::Rounded);
    report.outputQuantization->rangeUsed = 0.2;
    EXPECT_EQ(causeOf(report), Cause::RangeTooWide);
    report.outputQuantization->clipL2 = 0.05;
    EXPECT_EQ(causeOf(report), Cause::Clipped);
}

TEST(Cause, WeightsWhenTheOutputExplainsLittle)
{
    LayerReport report = layer(0.5, 0.6);
    report.outputQuantization->l2 = 0.01;
    EXPECT_NE(causeOf(report), Cause::Weights) << "no weights were quantized";
    report.weightError = core::WeightError{};
    EXPECT_EQ(causeOf(report), Cause::Weights);
}

TEST(Cause, HarmlessWhenTheOutputDoesNotFeelIt)
{
    LayerReport report = layer(0.05, 0.06);
    report.atOutput = error(0.001, 0.001);
    EXPECT_EQ(causeOf(report), Cause::Harmless);
}

} // namespace
