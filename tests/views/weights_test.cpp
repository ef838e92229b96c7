// Weights by output channel: which value belongs where, what each channel loses, and the panel that shows it.
#include "tests/support/report_fixture.h"
#include "views/base/selection.h"
#include "views/distribution/weight_channels.h"
#include "views/distribution/weights_panel.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

#include <numeric>

namespace {

core::Operator convOf(const core::Shape& shape, const std::vector<float>& weights, const char* type = "Conv")
{
    core::Operator op;
    op.name = op.type = op.node.type = type;
    op.constants = {std::nullopt, core::makeTensor<float>(shape, weights)};
    return op;
}

core::QuantizedTensorInfo perChannel(std::vector<float> scales)
{
    core::QuantizedTensorInfo info;
    info.params.type = core::DataType::Int8;
    info.params.codes = {-127, 127};
    info.params.zeroPoint.assign(scales.size(), 0);
    info.params.scale = std::move(scales);
    info.params.axis = 0;
    return info;
}

TEST(WeightChannels, FirstAxisOfAConvolution)
{
    const auto channels =
        views::WeightChannels::of(convOf({2, 1, 1, 3}, {1, 2, 3, 4, 5, 6}), perChannel({1, 1}));
    ASSERT_TRUE(channels);
    ASSERT_EQ(channels->count(), 2U);
    EXPECT_EQ(std::vector<float>(channels->values(1).begin(), channels->values(1).end()),
              (std::vector<float>{4, 5, 6}));
    EXPECT_EQ(channels->span(), (core::Range{0.0, 6.0})) << "zero is part of every axis";
}

TEST(WeightChannels, LastAxisOfAMatrixProduct)
{
    const auto channels =
        views::WeightChannels::of(convOf({2, 3}, {1, 2, 3, 4, 5, 6}, "MatMul"), perChannel({1, 1, 1}));
    ASSERT_EQ(channels->count(), 3U);
    EXPECT_EQ(std::vector<float>(channels->values(2).begin(), channels->values(2).end()),
              (std::vector<float>{3, 6}));
}

TEST(WeightChannels, GroupsOfATransposedConvolutionFollowEachOther)
{
    core::Operator op = convOf({2, 2, 1, 1}, {1, 2, 3, 4}, "ConvTranspose");
    op.node.attributes["group"] = std::int64_t{2};
    const auto channels = views::WeightChannels::of(op, perChannel({1, 1, 1, 1}));
    ASSERT_EQ(channels->count(), 4U);
    EXPECT_EQ(channels->values(2)[0], 3.0F);
}

TEST(WeightChannels, ErrorIsThatOfTheChannelsOwnScale)
{
    // 0.26 / 0.1 rounds to 3: off by 0.04. The other channel is exact.
    const auto channels = views::WeightChannels::of(convOf({2, 1}, {0.26F, 2.0F}), perChannel({0.1F, 1.0F}));
    EXPECT_NEAR(channels->relativeL2(0), 0.04 / 0.26, 1e-6);
    EXPECT_DOUBLE_EQ(channels->relativeL2(1), 0.0);
    EXPECT_EQ(channels->worst(), 0U);
}

TEST(WeightChannels, OneScaleServesEveryChannel)
{
    core::QuantizedTensorInfo info = perChannel({0.5F});
    info.params.axis.reset();
    const auto channels = views::WeightChannels::of(convOf({2, 1}, {0.5F, 63.5F}), info);
    EXPECT_EQ(channels->params(1).scale, std::vector<float>{0.5F});
    EXPECT_LT(channels->codesUsed(0), channels->codesUsed(1) + 1e-12);
}

TEST(WeightChannels, GroupsWithinAChannelShowTheWidest)
{
    const auto channels =
        views::WeightChannels::of(convOf({2, 2}, {1, 2, 3, 4}), perChannel({0.1F, 0.3F, 0.2F, 0.4F}));
    EXPECT_EQ(channels->params(0).scale, std::vector<float>{0.3F});
    EXPECT_EQ(channels->params(1).scale, std::vector<float>{0.4F});
}

TEST(WeightChannels, MapHoldsEveryWeightOnce)
{
    const auto channels = views::WeightChannels::of(convOf({2, 3}, {-1, 0, 1, 2, 3, 4}), perChannel({1, 1}));
    for (const std::size_t c : {0U, 1U}) {
        const auto row = channels->map(c);
        EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0), 3);
    }
}

TEST(WeightChannels, NoneWithoutConstants)
{
    core::Operator op;
    op.constants = {std::nullopt, std::nullopt};
    EXPECT_FALSE(views::WeightChannels::of(op, perChannel({1})));
}

class Weights : public ::testing::Test
{
protected:
    views::Selection selection;
    views::WeightsPanel panel{&selection};
    std::shared_ptr<const core::Results> results = withWeights();

    /// The made-up run, with sixteen channels of two weights for dw3.
    static std::shared_ptr<const core::Results> withWeights()
    {
        auto results = std::make_shared<core::Results>(*support::makeResults());
        auto graph = std::make_shared<core::OperatorGraph>();
        graph->operators.resize(results->report->layers.size());
        std::vector<float> weights;
        for (int c = 0; c < 16; ++c) {
            weights.insert(weights.end(),
                           {0.03F * static_cast<float>(c + 1), -0.011F * static_cast<float>(c)});
        }
        graph->operators[4] = convOf({16, 2}, weights);
        results->operators = graph;
        return results;
    }

    void show(const char* name)
    {
        QSignalSpy ready(&panel, &views::WeightsPanel::ready);
        panel.resize(500, 400);
        panel.show();
        panel.setLayer(results, results->layer(name));
        while (panel.isBusy()) {
            ASSERT_TRUE(ready.wait(20000));
        }
    }
    [[nodiscard]] QString facts() const
    {
        return panel.findChild<QLabel*>(QStringLiteral("weightsFacts"))->text();
    }
};

TEST_F(Weights, ClickOnTheMapSelectsTheChannelEverywhere)
{
    show("dw3");
    EXPECT_TRUE(facts().contains(QStringLiteral("(worst)")));
    auto* const plot = panel.findChild<views::WeightPlot*>();
    QWidget* const canvas = plot->findChild<QWidget*>(QStringLiteral("weightCustomPlot"));
    canvas->grab(); // lays the axes out
    QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->mapFrom(plot, plot->rowOf(11)));
    EXPECT_EQ(selection.channel(), 11);
    EXPECT_TRUE(facts().contains(QStringLiteral("<b>11</b> of 16"))) << facts().toStdString();
}

TEST_F(Weights, SaysWhyThereAreNone)
{
    show("add3");
    auto* const empty = panel.findChild<QLabel*>(QStringLiteral("weightsEmpty"));
    EXPECT_TRUE(empty->isVisible());
    EXPECT_TRUE(empty->text().contains(QStringLiteral("add3")));
}

} // namespace
