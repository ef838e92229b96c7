#include "tests/support/report_fixture.h"
#include "tests/support/thread_time.h"
#include "views/base/distribution_bins.h"
#include "views/base/selection.h"
#include "views/distribution/distribution_view.h"

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include <gtest/gtest.h>

#include <QElapsedTimer>
#include <QWheelEvent>

#include <cmath>
#include <cstdio>
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
        auto* const plot = view.findChild<views::DistributionPlot*>(QStringLiteral("distributionPlot"));
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

TEST_F(Distribution, ClippingIsThatOfTheValuesShownNotOfTheCalibrationData)
{
    select("add3");
    auto* const cost = view.findChild<QLabel*>(QStringLiteral("distributionCost"));
    const QString before = cost->text();
    const std::string output = results->layer("add3")->output;
    auto narrow = std::make_shared<core::StatisticsByValue>(*results->calibration);
    narrow->at(output) = core::statisticsOf(std::vector<float>(64, 0.01F), {.channels = 1, .stride = 1});
    auto others = std::make_shared<core::Results>(*results);
    others->calibration = narrow;
    view.setResults(others);
    EXPECT_EQ(cost->text(), before);
    EXPECT_TRUE(before.contains(QStringLiteral("n = %1").arg(results->measured(output)->samples)))
        << before.toStdString();
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
    EXPECT_TRUE(service.isBusy()) << "the variants of other tools follow";
    views::PlanEdit edit;
    QObject::connect(&view, &views::DistributionView::planEdited, [&](const auto& e) { edit = e; });
    emit table->cellActivated(2, 1);
    ASSERT_TRUE(edit.plan);
    EXPECT_NE(edit.plan->operators.at("dw3").activation.method->name, "minmax");
}

TEST_F(Distribution, NoNumbersOfAnotherTensorWhileCostsAreOnTheirWay)
{
    QSignalSpy ready(&service, &views::TensorCostsService::ready);
    select("dw3");
    ASSERT_TRUE(ready.wait(20000));
    const auto* const table = view.findChild<QTableWidget*>(QStringLiteral("methodLegend"));
    const QString before = table->item(0, 2)->text();
    select("add3");
    EXPECT_EQ(table->item(0, 2)->text(), QStringLiteral("…"));
    ASSERT_TRUE(ready.wait(20000));
    EXPECT_NE(table->item(0, 2)->text(), QStringLiteral("…"));
    EXPECT_NE(table->item(0, 2)->text(), before);
}

TEST_F(Distribution, WhatStaysFloatByThePlanSaysSoAndHasNoRange)
{
    const std::size_t index = static_cast<std::size_t>(core::indexOf(results->layer("dw3")->id));
    const auto changed = support::withChangedLayer(*results, index);
    auto layer = std::make_shared<core::LayerReport>(*changed->report->layers[index]);
    layer->activation.reset();
    layer->effective = core::kFp32;
    layer->reason.clear();
    auto report = std::make_shared<core::Report>(*changed->report);
    report->layers[index] = layer;
    auto shown = std::make_shared<core::Results>(*changed);
    shown->report = report;
    view.setResults(shown);
    select("dw3");
    EXPECT_TRUE(view.findChild<QLabel*>(QStringLiteral("distributionDetails"))
                    ->text()
                    .contains(QStringLiteral("as the plan wants")));
    EXPECT_TRUE(view.findChild<QLineEdit*>(QStringLiteral("rangeMin"))->text().isEmpty());
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

/// Counts how often a widget is painted.
class PaintCounter : public QObject
{
public:
    int paints = 0;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        paints += event->type() == QEvent::Paint ? 1 : 0;
        return QObject::eventFilter(watched, event);
    }
};

TEST_F(Distribution, DraggingAThresholdUpdatesThirtyTimesASecond)
{
    QSignalSpy ready(&service, &views::TensorCostsService::ready);
    select("add3");
    while (service.isBusy()) {
        ASSERT_TRUE(ready.wait(20000));
    } // lines of every method and the cost curve are drawn as well
    ASSERT_GE(results->calibrated("add3_out")->histogram.counts().size(), 8001U);
    auto* const plot = view.findChild<views::DistributionPlot*>(QStringLiteral("distributionPlot"));
    QWidget* const canvas = plot->findChild<QWidget*>(QStringLiteral("distributionCustomPlot"));
    const auto* const cost = view.findChild<QLabel*>(QStringLiteral("distributionCost"));
    canvas->grab();
    PaintCounter counter;
    canvas->installEventFilter(&counter);
    const QPoint from = canvas->mapFrom(plot, plot->handlePosition(Handle::Max));
    QTest::mousePress(canvas, Qt::LeftButton, {}, from);
    constexpr int kMoves = 60;
    int changes = 0;
    QElapsedTimer wall;
    wall.start();
    const double start = support::threadMilliseconds();
    for (int i = 1; i <= kMoves; ++i) {
        const QString before = cost->text();
        const int painted = counter.paints;
        QTest::mouseMove(canvas, from - QPoint(2 * i, 0));
        while (counter.paints == painted) {
            QCoreApplication::processEvents(QEventLoop::AllEvents);
        }
        changes += cost->text() != before ? 1 : 0;
    }
    const double seconds = (support::threadMilliseconds() - start) / 1e3;
    const double elapsed = static_cast<double>(wall.elapsed()) / 1e3;
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, from - QPoint(2 * kMoves, 0));
    const double rate = kMoves / seconds;
    std::printf("drag at %zu bins: %.0f updates per second of processor time, %.0f per second of wall time\n",
                results->calibrated("add3_out")->histogram.counts().size(), rate, kMoves / elapsed);
    RecordProperty("updates_per_second", std::to_string(rate));
    EXPECT_GT(changes, kMoves * 9 / 10) << "the error follows every step";
    EXPECT_GE(rate, 30.0);
}

TEST_F(Distribution, TypedThresholdBecomesTheRange)
{
    select("add3");
    auto* const field = view.findChild<QLineEdit*>(QStringLiteral("rangeMax"));
    views::PlanEdit edit;
    QObject::connect(&view, &views::DistributionView::planEdited, [&](const auto& e) { edit = e; });
    field->setFocus();
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("1.25"));
    QTest::keyClick(field, Qt::Key_Return);
    ASSERT_TRUE(edit.plan);
    EXPECT_DOUBLE_EQ(edit.plan->operators.at("add3").activation.range->max, 1.25);
    edit = {};
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("-3"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_FALSE(edit.plan) << "a range contains zero";
}

TEST_F(Distribution, LockedTensorKeepsItsAxes)
{
    select("add3");
    auto* const plot = view.findChild<views::DistributionPlot*>(QStringLiteral("distributionPlot"));
    auto* const lock = view.findChild<QToolButton*>(QStringLiteral("lockAxes"));
    QWidget* const canvas = plot->findChild<QWidget*>(QStringLiteral("distributionCustomPlot"));
    canvas->grab();
    const core::Range fitted = plot->shownValues();
    QWheelEvent zoom(canvas->rect().center(), canvas->mapToGlobal(canvas->rect().center()), {}, {0, 240}, {},
                     {}, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas, &zoom);
    const core::Range zoomed = plot->shownValues();
    ASSERT_LT(zoomed.max - zoomed.min, fitted.max - fitted.min);
    QTest::mouseClick(lock, Qt::LeftButton);
    select("dw3");
    EXPECT_FALSE(lock->isChecked()) << "the lock is that of one tensor";
    select("add3");
    EXPECT_TRUE(lock->isChecked());
    EXPECT_EQ(plot->shownValues(), zoomed);
    QTest::mouseClick(lock, Qt::LeftButton);
    EXPECT_EQ(plot->shownValues(), fitted);
}

TEST_F(Distribution, PinnedTensorStaysWhileTheSelectionMoves)
{
    select("dw3");
    auto* const pin = view.findChild<QToolButton*>(QStringLiteral("pinTensor"));
    const auto* const pinned = view.findChild<QLabel*>(QStringLiteral("pinnedTitle"));
    QTest::mouseClick(pin, Qt::LeftButton);
    EXPECT_TRUE(pinned->isVisible());
    select("add3");
    EXPECT_TRUE(pinned->text().contains(QStringLiteral("dw3")));
    EXPECT_FALSE(pin->isChecked()) << "another click pins add3 instead";
    QCoreApplication::processEvents(); // lays the splitter out
    QTest::mouseClick(view.findChild<QToolButton*>(QStringLiteral("pinnedClose")), Qt::LeftButton);
    EXPECT_FALSE(pinned->isVisible());
}

TEST_F(Distribution, LinearCountsOnDemand)
{
    select("add3");
    auto* const canvas = view.findChild<QWidget*>(QStringLiteral("distributionCustomPlot"));
    const QImage logarithmic = canvas->grab().toImage();
    QTest::mouseClick(view.findChild<QToolButton*>(QStringLiteral("linearCounts")), Qt::LeftButton);
    QCoreApplication::processEvents();
    EXPECT_NE(canvas->grab().toImage(), logarithmic);
}

TEST_F(Distribution, ShowsTheSelectedSampleWhenItsTensorArrives)
{
    select("add3");
    const auto* const title = view.findChild<QLabel*>(QStringLiteral("distributionTitle"));
    selection.setSample(17);
    const std::vector<float> values{-1.0F, 0.0F, 0.5F, 2.0F};
    const auto tensor = core::makeTensor<float>({1, 4}, values);
    view.setTensors(results->layer("add3")->id, 16,
                    std::make_shared<core::SampleTensors>(core::SampleTensors{tensor, tensor}));
    EXPECT_FALSE(title->text().contains(QStringLiteral("sample"))) << "of another sample";
    view.setTensors(results->layer("add3")->id, 17,
                    std::make_shared<core::SampleTensors>(core::SampleTensors{tensor, tensor}));
    EXPECT_TRUE(title->text().contains(QStringLiteral("sample 17"))) << title->text().toStdString();
    selection.setSample(std::nullopt);
    EXPECT_EQ(title->text(), QStringLiteral("add3"));
}

} // namespace
