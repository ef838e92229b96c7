#include "core/base/error.h"
#include "core/metrics/class_metrics.h"
#include "core/metrics/mean_average_precision.h"
#include "core/metrics/metric_report.h"
#include "core/metrics/score_metrics.h"
#include "core/metrics/text_metrics.h"

#include <gtest/gtest.h>

namespace {

core::Tensor floats(core::Shape shape, std::vector<float> values)
{
    return core::makeTensor<float>(std::move(shape), std::span(values));
}

/// One label of 100×100 pixels at the left top, one box at overlap 0.6 with it.
TEST(MeanAveragePrecision, CountsTheOverlapsThatABoxReaches)
{
    core::MapOptions options;
    options.pictureWidth = 200.0;
    options.pictureHeight = 200.0;
    const auto metric = core::makeMeanAveragePrecision(options);
    core::Truth truth;
    truth.boxes = {{0, 0.0, 0.0, 0.5, 0.5}};
    // 0.3 of 0.5 high: the overlap is 0.6, so .50, .55 and (rounding aside) .60 are reached.
    const core::MetricSample sample{
        {floats({1, 1, 4}, {0.0F, 0.0F, 0.5F, 0.305F}), floats({1, 1, 1}, {0.9F})}, {}};
    const std::vector<core::Evidence> all{metric->evidence(sample, truth)};
    EXPECT_NEAR(*core::valueOfAll(*metric, all), 30.0, 1e-9);
    const auto parts = metric->over(all)->parts();
    EXPECT_NEAR(*parts[0].value, 100.0, 1e-9); // AP@.50
    EXPECT_NEAR(*parts[1].value, 0.0, 1e-9); // AP@.75
    EXPECT_FALSE(parts[2].value.has_value()); // no small label
    EXPECT_NEAR(*parts[4].value, 30.0, 1e-9); // 100² pixels are large
}

TEST(MeanAveragePrecision, IgnoresWhatIsFoundInACrowd)
{
    const auto metric = core::makeMeanAveragePrecision({});
    core::Truth truth;
    truth.boxes = {{0, 0.0, 0.0, 0.2, 0.2}, {0, 0.5, 0.5, 1.0, 1.0, 1.0, true}};
    const core::MetricSample sample{{floats({1, 2, 4}, {0.0F, 0.0F, 0.2F, 0.2F, 0.6F, 0.6F, 0.7F, 0.7F}),
                                     floats({1, 2, 1}, {0.6F, 0.9F})},
                                    {}};
    EXPECT_NEAR(*core::valueOfAll(*metric, std::vector<core::Evidence>{metric->evidence(sample, truth)}),
                100.0, 1e-9);
}

TEST(BoxDecoding, ReadsEveryLayoutToTheSameBox)
{
    core::BoxDecoding rows;
    rows.layout = core::BoxLayout::Rows;
    rows.form = core::BoxForm::Centre;
    rows.width = 100.0;
    rows.height = 200.0;
    core::BoxDecoding withObjectness = rows;
    withObjectness.hasObjectness = true;
    core::BoxDecoding columns = rows;
    columns.layout = core::BoxLayout::Columns;
    columns.form = core::BoxForm::CornerSize;
    const auto a = core::decodeBoxes({floats({1, 1, 6}, {30, 60, 20, 40, 0.01F, 0.8F})}, rows);
    const auto b =
        core::decodeBoxes({floats({1, 1, 7}, {30, 60, 20, 40, 0.5F, 0.01F, 1.6F})}, withObjectness);
    const auto c = core::decodeBoxes({floats({1, 6, 1}, {20, 40, 20, 40, 0.01F, 0.8F})}, columns);
    for (const auto* boxes : {&a, &b, &c}) {
        ASSERT_EQ(boxes->size(), 1U);
        EXPECT_EQ(boxes->front().category, 1);
        EXPECT_NEAR(boxes->front().score, 0.8, 1e-6);
        EXPECT_NEAR(boxes->front().left, 0.2, 1e-9);
        EXPECT_NEAR(boxes->front().right, 0.4, 1e-9);
        EXPECT_NEAR(boxes->front().top, 0.2, 1e-9);
        EXPECT_NEAR(boxes->front().bottom, 0.4, 1e-9);
    }
    EXPECT_THROW((void)core::decodeBoxes({floats({1, 2, 4}, std::vector<float>(8))}, {}), core::Error);
}

TEST(BoxDecoding, SuppressesOverlapsOfAClass)
{
    const std::vector<core::Box> boxes{{0, 0, 0, 1, 1, 0.9}, {0, 0, 0, 1, 0.8, 0.8}, {1, 0, 0, 1, 1, 0.7}};
    EXPECT_EQ(core::suppressed(boxes, 0.5).size(), 2U);
    EXPECT_EQ(core::suppressed(boxes, 0.85).size(), 3U);
}

TEST(TextMetrics, CollapsesRepeatsAndBlanks)
{
    core::TextDecoding decoding;
    decoding.alphabet = {{}, {'a'}, {'b'}, {' '}};
    // a a _ a b b: "aab"
    std::vector<float> steps;
    for (const int step : {1, 1, 0, 1, 2, 2}) {
        for (int c = 0; c < 4; ++c) {
            steps.push_back(c == step ? 1.0F : 0.0F);
        }
    }
    const core::Tensor output = floats({1, 6, 4}, steps);
    EXPECT_EQ(core::utf8Of(core::decodeText(output, decoding)), "aab");
    core::Truth truth;
    truth.tokens = core::codePointsOf("abbb");
    const auto metric = core::makeCharacterErrorRate(decoding);
    EXPECT_NEAR(
        *core::valueOfAll(*metric, std::vector<core::Evidence>{metric->evidence({{output}, {}}, truth)}),
        50.0, 1e-12);
    EXPECT_EQ(core::utf8Of(core::codePointsOf("aé纯😀")), "aé纯😀");
    EXPECT_EQ(core::codePointsOf("纯").size(), 1U);
}

TEST(ScoreMetrics, AgreeWithCountingByHand)
{
    const auto metric = core::makeAuc({});
    std::vector<core::Evidence> all{{1, 0.9}, {0, 0.8}, {1, 0.7}, {0, 0.7}};
    // pairs: .9>.8, .9>.7, .7<.8, .7=.7
    EXPECT_NEAR(*core::valueOfAll(*metric, all), 62.5, 1e-12);
    const std::vector<double> weights{2, 1, 0, 1}; // what a resample draws
    EXPECT_NEAR(*metric->over(all)->value(weights), 100.0, 1e-12);
    EXPECT_FALSE(metric->over(all)->value(std::vector<double>{1, 0, 1, 0}).has_value());
}

TEST(MetricReport, NamesTheSliceThatLostMostAndTheWorstItems)
{
    core::MetricTask task;
    task.metric = core::makeTopK(1);
    task.usesClassLabels = true;
    core::MetricEvidence evidence;
    core::SliceColumn camera{"camera", {}};
    for (int i = 0; i < 40; ++i) {
        evidence.fp32.push_back({1.0});
        evidence.quantized.push_back({i < 20 || i % 4 != 0 ? 1.0 : 0.0});
        camera.values.emplace_back(i < 20 ? "day" : "night");
    }
    task.slices = {camera};
    const core::MetricReport report = core::metricReport(task, evidence);
    EXPECT_NEAR(*report.drop.value, 12.5, 1e-12);
    EXPECT_EQ(report.drop.interval->method, "tango");
    EXPECT_FALSE(report.drop.interval->spansZero());
    ASSERT_EQ(report.slices.size(), 2U);
    EXPECT_EQ(report.slices[0].value, "night");
    EXPECT_NEAR(*report.slices[0].drop.value, 25.0, 1e-12);
    ASSERT_EQ(report.worst.size(), 5U);
    EXPECT_EQ(report.worst[0].item, 20U);
}

TEST(MetricReport, SaysWhatItCannotTell)
{
    core::MetricTask task;
    task.metric = core::makeTopK(1);
    core::MetricEvidence evidence;
    for (int i = 0; i < 300; ++i) {
        evidence.fp32.push_back({i < 10 ? 1.0 : 0.0});
        evidence.quantized.push_back({i >= 10 && i < 16 ? 1.0 : 0.0});
    }
    const core::MetricReport report = core::metricReport(task, evidence);
    ASSERT_TRUE(report.drop.interval->spansZero());
    ASSERT_TRUE(report.neededItems.has_value());
    EXPECT_GT(*report.neededItems, 300U);
    EXPECT_NE(core::tellingWords(report.drop, report.neededItems).find("cannot tell at 300 samples"),
              std::string::npos);
}

TEST(Metrics, NoNumberOfSamplesFollowsFromAnIntervalThatEndsAtZero)
{
    const core::MetricEstimate drop{2.0, core::ConfidenceInterval{0.0, 5.0, "paired bca bootstrap", 12}};
    EXPECT_EQ(core::tellingWords(drop, 15), "");
    const core::MetricEstimate nothing{0.0, core::ConfidenceInterval{0.0, 5.0, "exact bound", 12}};
    EXPECT_NE(core::tellingWords(nothing, {}).find("no difference at 12 samples"), std::string::npos);
}

} // namespace
