#include "tests/support/report_fixture.h"
#include "views/distribution_bins.h"
#include "views/distribution_view.h"
#include "views/selection.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace {

using Handle = views::DistributionPlot::Handle;

TEST(DistributionBins, KeepEveryValueInEitherCurve)
{
    const auto results = support::makeResults();
    const auto layer = results->layer("dw3");
    const core::TensorStatistics& tensor = *results->measured(layer->output);
    const auto grid = views::displayGrid(tensor, layer->activation->params.range(), 512);
    const auto sum = [](const std::vector<double>& counts) {
        return std::accumulate(counts.begin(), counts.end(), 0.0);
    };
    EXPECT_GT(grid.bins, 250);
    EXPECT_LT(grid.bins, 1000);
    EXPECT_EQ(sum(views::binnedValues(tensor, grid)), 20000.0);
    EXPECT_NEAR(
        sum(views::binnedCodes(*layer->codeCounts, layer->activation->params, tensor.total.zeros, grid)),
        20000.0, 1e-6);
}

TEST(DistributionBins, ExactZerosStandTogether)
{
    const auto results = support::makeResults();
    const auto layer = results->layer("dw3"); // after Relu: about half are zero
    const core::TensorStatistics& tensor = *results->measured(layer->output);
    const auto grid = views::displayGrid(tensor, layer->activation->params.range(), 512);
    const auto zero = static_cast<std::size_t>(std::lround(-grid.lower / grid.width));
    EXPECT_GE(views::binnedValues(tensor, grid)[zero], static_cast<double>(tensor.total.zeros));
    EXPECT_GE(
        views::binnedCodes(*layer->codeCounts, layer->activation->params, tensor.total.zeros, grid)[zero],
        static_cast<double>(tensor.total.zeros));
}

TEST(DistributionBins, SimulationAgreesWithTheCodesOfTheSameValues)
{
    const auto results = support::makeResults();
    const auto layer = results->layer("add3");
    const auto simulated =
        views::simulatedCodes(*results->measured(layer->output), layer->activation->params);
    ASSERT_EQ(simulated.size(), layer->codeCounts->size());
    double moved = 0.0; // values whose bin centre rounds elsewhere than they do
    for (std::size_t i = 0; i < simulated.size(); ++i) {
        moved += std::abs(static_cast<double>(simulated[i]) - static_cast<double>((*layer->codeCounts)[i]));
    }
    EXPECT_LT(moved / 20000.0, 0.05);
}

class Distribution : public ::testing::Test
{
protected:
    views::Selection selection;
    views::TensorCostsService service;
    views::DistributionView view{&selection, &service};
    std::shared_ptr<const core::Results> results = support::makeResults();

    void SetUp() override
    {
        view.resize(600, 520);
        view.show();
        view.setPlan(results->report->plan);
        view.setResults(results);
    }

    void select(const std::string& name) { selection.select(results->layer(name)->id); }

    views::PlanEdit dragged(Handle handle, int pixels)
    {
        auto* const plot = view.findChild<views::DistributionPlot*>();
        QWidget* const canvas = plot->findChild<QWidget*>(QStringLiteral("distributionCustomPlot"));
        const QSignalSpy edited(&view, &views::DistributionView::planEdited);
        views::PlanEdit edit;
        const auto connection =
            QObject::connect(&view, &views::DistributionView::planEdited, [&](const auto& e) { edit = e; });
        const QPoint from = canvas->mapFrom(plot, plot->handlePosition(handle));
        QTest::mousePress(canvas, Qt::LeftButton, {}, from);
        QTest::mouseMove(canvas, from + QPoint(pixels / 2, 0));
        QTest::mouseMove(canvas, from + QPoint(pixels, 0));
        EXPECT_EQ(edited.count(), 0) << "the plan changes on release only";
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, from + QPoint(pixels, 0));
        QObject::disconnect(connection);
        return edit;
    }
};

TEST_F(Distribution, DraggingAHandleSetsAManualRange)
{
    select("add3");
    const core::Range before = results->layer("add3")->activation->threshold.front();
    const views::PlanEdit edit = dragged(Handle::Max, -100);
    ASSERT_TRUE(edit.plan);
    const core::OperatorSettings& settings = edit.plan->operators.at("add3");
    EXPECT_EQ(settings.activation.method->name, "manual");
    EXPECT_LT(settings.activation.range->max, 0.9 * before.max);
    EXPECT_GT(settings.activation.range->max, 0.0);
    EXPECT_EQ(settings.activation.range->min, before.min);
}

TEST_F(Distribution, DraggingShowsTheErrorLive)
{
    select("add3");
    auto* const cost = view.findChild<QLabel*>(QStringLiteral("distributionCost"));
    const QString before = cost->text();
    dragged(Handle::Max, -150);
    EXPECT_NE(cost->text(), before);
    EXPECT_FALSE(cost->text().contains(QStringLiteral("clip 0 %"))) << cost->text().toStdString();
}

TEST_F(Distribution, LowerHandleMovesTheMinimum)
{
    select("add3");
    const core::Range before = results->layer("add3")->activation->threshold.front();
    const views::PlanEdit edit = dragged(Handle::Min, 60);
    ASSERT_TRUE(edit.plan);
    EXPECT_GT(edit.plan->operators.at("add3").activation.range->min, before.min);
    EXPECT_EQ(edit.plan->operators.at("add3").activation.range->max, before.max);
}

TEST_F(Distribution, InheritedRangeCannotBeDragged)
{
    select("flatten");
    EXPECT_FALSE(dragged(Handle::Max, -100).plan);
}

TEST_F(Distribution, NudgesByOneStepOfTheScaleAndMerges)
{
    select("fc");
    std::vector<views::PlanEdit> edits;
    QObject::connect(&view, &views::DistributionView::planEdited, [&](const auto& edit) {
        edits.push_back(edit);
        view.setPlan(edit.plan);
    });
    view.nudge(+1);
    view.nudge(+1);
    ASSERT_EQ(edits.size(), 2U);
    const auto layer = results->layer("fc");
    EXPECT_NEAR(edits[1].plan->operators.at("fc").activation.range->max,
                layer->activation->threshold.front().max + 2.0 * layer->activation->params.scale.front(),
                1e-9);
    EXPECT_FALSE(edits[0].mergeKey.isEmpty());
    EXPECT_EQ(edits[0].mergeKey, edits[1].mergeKey);
}

TEST_F(Distribution, ListsMethodsAndAppliesOne)
{
    QSignalSpy ready(&service, &views::TensorCostsService::ready);
    select("dw3");
    ASSERT_TRUE(ready.wait(20000));
    auto* const table = view.findChild<QTableWidget*>(QStringLiteral("methodLegend"));
    ASSERT_GE(table->rowCount(), 4);
    views::PlanEdit edit;
    QObject::connect(&view, &views::DistributionView::planEdited, [&](const auto& e) { edit = e; });
    emit table->cellActivated(2, 1);
    ASSERT_TRUE(edit.plan);
    EXPECT_NE(edit.plan->operators.at("dw3").activation.method->name, "minmax");
}

TEST_F(Distribution, CostOfADragStepLeavesRoomFor30PerSecond)
{
    select("dw3");
    const auto* const statistics = results->calibrated("dw3_out");
    const auto params = core::chooseActivationParams({0.0, 2.0}, core::Scheme::Asymmetric, 8);
    QElapsedTimer timer;
    timer.start();
    constexpr int kSteps = 20;
    for (int i = 0; i < kSteps; ++i) {
        EXPECT_GT(core::quantizationCost(*statistics, params).signalSquared, 0.0);
        EXPECT_FALSE(views::simulatedCodes(*statistics, params).empty());
    }
    EXPECT_LT(timer.elapsed() / kSteps, 10) << "ms per step; a frame at 30 Hz has 33";
}

} // namespace
