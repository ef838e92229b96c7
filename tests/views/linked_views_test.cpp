// The docks around the table: each follows the one selection and changes it.
#include "tests/support/report_fixture.h"
#include "views/base/plot_tools.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"
#include "views/channels/channel_strip.h"
#include "views/channels/channels_view.h"
#include "views/messages/messages_view.h"
#include "views/profile/error_profile_view.h"
#include "views/runs/runs_view.h"
#include "views/samples/samples_view.h"
#include "views/samples/tensor_images.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

using core::OperatorId;

TEST(ErrorProfile, ClickSelectsTheOperatorUnderIt)
{
    views::Selection selection;
    views::ErrorProfileView view(&selection);
    view.resize(800, 240);
    view.show();
    view.setResults(support::makeResults());
    QWidget* const plot = view.findChild<QWidget*>(QStringLiteral("errorProfilePlot"));
    plot->grab(); // lays the axes out
    QTest::mouseClick(plot, Qt::LeftButton, {}, view.pointOf(OperatorId{7}));
    EXPECT_EQ(selection.current(), OperatorId{7});
}

TEST(Channels, WorstComesFirstAndSelects)
{
    views::Selection selection;
    views::ChannelsView view(&selection);
    const auto results = support::makeResults();
    view.resize(600, 300);
    view.show();
    view.setResults(results);
    selection.select(OperatorId{4});
    auto* const table = view.findChild<views::ValueTable*>();
    const QAbstractItemModelTester tester(table->model(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    ASSERT_EQ(table->model()->rowCount(), 16);
    EXPECT_EQ(table->model()->index(0, 0).data().toInt(),
              results->layer("dw3")->worstChannels.front().channel);
    QTest::mouseClick(view.findChild<views::ChannelStrip*>(), Qt::LeftButton, {}, QPoint(4, 4));
    EXPECT_EQ(selection.channel(), results->layer("dw3")->worstChannels.front().channel);
    EXPECT_EQ(table->selectedKeys(), std::vector<int>{*selection.channel()});
}

TEST(Samples, ListsFlipsAndSelectsASample)
{
    views::Selection selection;
    views::SamplesView view(&selection);
    view.show();
    const auto results = support::makeResults();
    view.setResults(results);
    const auto* const summary = view.findChild<QLabel*>(QStringLiteral("samplesSummary"));
    EXPECT_TRUE(summary->text().contains(QStringLiteral("13 predictions flipped")))
        << summary->text().toStdString();
    auto* const table = view.findChild<views::ValueTable*>();
    table->selectRow(0);
    ASSERT_TRUE(selection.sample());
    for (const auto& prediction : results->report->predictions) {
        EXPECT_LE(prediction.outputRelativeL2,
                  results->report->predictions[*selection.sample()].outputRelativeL2);
    }
}

TEST(Runs, ShowsWhatBecameWorse)
{
    views::Selection selection;
    views::RunsView view(&selection);
    const auto first = support::makeResults();
    auto report = std::make_shared<core::Report>(*first->report);
    auto layer = std::make_shared<core::LayerReport>(*report->layers[3]);
    *layer->accumulated->sqnrDb -= 6.0;
    report->layers[3] = layer;
    report->plan = std::make_shared<core::QuantizationPlan>(*first->report->plan);
    auto second = std::make_shared<core::Results>(*first);
    second->report = report;
    view.setRuns({{1, QDateTime::currentDateTime(), QStringLiteral("Default plan"), {}, first}});
    view.setRuns({{1, QDateTime::currentDateTime(), QStringLiteral("Default plan"), {}, first},
                  {2, QDateTime::currentDateTime(), QStringLiteral("an edit"), {}, second}});
    const auto* const difference = view.findChild<views::ValueTable*>(QStringLiteral("differenceTable"));
    ASSERT_EQ(difference->model()->rowCount(), 1);
    EXPECT_EQ(difference->model()->index(0, 0).data().toString(), QStringLiteral("pw2"));
    EXPECT_EQ(difference->model()->index(0, 1).data().toString(), QStringLiteral("−6.0"));
    auto* const runs = view.findChild<views::ValueTable*>(QStringLiteral("runsTable"));
    for (const bool newestFirst : {true, false}) { // the newer against the older, however they were clicked
        const auto at = [&](int key) {
            return runs->model()->index(runs->model()->index(0, 0).data().toInt() == key ? 0 : 1, 0);
        };
        const auto both = QItemSelectionModel::Select | QItemSelectionModel::Rows;
        runs->selectionModel()->select(at(newestFirst ? 2 : 1), QItemSelectionModel::Clear | both);
        runs->selectionModel()->select(at(newestFirst ? 1 : 2), both);
        EXPECT_EQ(difference->model()->index(0, 1).data().toString(), QStringLiteral("−6.0")) << newestFirst;
    }
}

TEST(TensorImages, DifferenceIsMidGreyWhereBothAgree)
{
    const std::vector<float> fp32{0.0F, 1.0F, 2.0F, 3.0F, 0.0F, 0.0F, 0.0F, 4.0F};
    std::vector<float> quantized = fp32;
    quantized[5] = 1.0F;
    const core::SampleTensors tensors{core::makeTensor<float>({1, 2, 2, 2}, fp32),
                                      core::makeTensor<float>({1, 2, 2, 2}, quantized)};
    const views::TensorImages images = views::tensorImages(tensors, 1, false);
    EXPECT_EQ(images.channels, 2);
    EXPECT_DOUBLE_EQ(images.largestDifference, 1.0);
    EXPECT_EQ(qRed(images.difference.pixel(1, 0)), 255);
    EXPECT_EQ(qRed(images.difference.pixel(0, 0)), 127);
    EXPECT_EQ(qRed(images.fp32.pixel(1, 1)), 255);
}

TEST(Messages, NewestFailureComesFirst)
{
    views::MessagesView view;
    view.addFailure(QStringLiteral("first"));
    view.addFailure(QStringLiteral("second"));
    EXPECT_EQ(view.count(), 2);
}

} // namespace
