#include "views/search/search_view.h"

#include "tests/support/report_fixture.h"
#include "views/base/value_table.h"
#include "views/search/pareto_plot.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

core::Trial trial(std::size_t number, const char* method, double share, double db, double drop)
{
    core::Trial trial;
    trial.number = number;
    trial.what = method;
    trial.plan = core::QuantizationPlan::makeDefault();
    trial.plan.defaults.activation.method = core::parseCalibrationMethod(method);
    trial.int8Share = share;
    trial.sqnrDb = db;
    trial.top1Drop = drop;
    return trial;
}

class SearchDock : public ::testing::Test
{
protected:
    std::shared_ptr<const core::Results> results = support::makeResults();
    views::SearchView view;
    QSignalSpy wanted{&view, &views::SearchView::searchWanted};
    QSignalSpy edited{&view, &views::SearchView::planEdited};

    void SetUp() override
    {
        view.resize(1100, 260);
        view.setResults(results);
        view.setPlan(results->report->plan);
        view.show();
    }

    template <typename Widget>
    Widget* find(const char* name)
    {
        return view.findChild<Widget*>(QLatin1String(name));
    }

    /// Three plans; the last one is best, the second lies on no front.
    std::shared_ptr<const views::SearchRecord> makeRecord(bool isFinished = false)
    {
        auto record = std::make_shared<views::SearchRecord>();
        record->goal.sqnrDb = 30.0;
        record->start = results->report->plan;
        record->samples = 60;
        record->state.trials = {trial(1, "minmax", 1.0, 12.0, 20.0), trial(2, "entropy", 0.9, 11.0, 25.0),
                                trial(3, "l2", 0.8, 33.0, 0.5)};
        record->state.best = 2;
        record->state.front = {0, 2};
        record->state.isFinished = isFinished;
        return record;
    }
};

TEST_F(SearchDock, AsksForTheTargetThatIsShown)
{
    auto* const goal = find<QComboBox>("searchGoal");
    goal->setCurrentIndex(goal->findText(QStringLiteral("int8 MACs at least")));
    EXPECT_EQ(find<QDoubleSpinBox>("searchTarget")->value(), 90.0);
    find<QDoubleSpinBox>("searchTarget")->setValue(75.0);
    QTest::mouseClick(find<QPushButton>("searchStart"), Qt::LeftButton);
    ASSERT_EQ(wanted.size(), 1);
    const auto asked = wanted[0][0].value<core::SearchGoal>();
    EXPECT_EQ(asked.int8Share, 0.75);
    EXPECT_FALSE(asked.sqnrDb || asked.top1Drop);
}

TEST_F(SearchDock, ChoosesTheBestAndLoadsAnyPointThatIsClicked)
{
    EXPECT_FALSE(find<QPushButton>("searchLoad")->isEnabled());
    view.setRecord(makeRecord());
    QTest::qWait(0);
    EXPECT_EQ(find<views::ValueTable>("searchTrials")->selectedKeys(), std::vector<int>{2});
    EXPECT_TRUE(find<QLabel>("searchSummary")->text().contains(QStringLiteral("Target reached after 3")));
    QTest::mouseClick(find<QPushButton>("searchLoad"), Qt::LeftButton);
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(*edited[0][0].value<views::PlanEdit>().plan, makeRecord()->state.trials[2].plan);

    auto* const plot = find<views::ParetoPlot>("paretoPlot");
    auto* const area = find<QWidget>("paretoPlotArea");
    QTest::mouseClick(area, Qt::LeftButton, {}, plot->pointOf(1));
    EXPECT_EQ(find<views::ValueTable>("searchTrials")->selectedKeys(), std::vector<int>{1});
    QTest::mouseDClick(area, Qt::LeftButton, {}, plot->pointOf(1));
    ASSERT_EQ(edited.size(), 2);
    EXPECT_EQ(*edited[1][0].value<views::PlanEdit>().plan, makeRecord()->state.trials[1].plan);
}

TEST_F(SearchDock, OffersToContinueOnlyWhatIsNotAtItsEnd)
{
    auto* const goal = find<QComboBox>("searchGoal");
    goal->setCurrentIndex(goal->findText(QStringLiteral("Output SQNR at least")));
    auto* const start = find<QPushButton>("searchStart");
    view.setRecord(makeRecord());
    EXPECT_EQ(start->text(), QStringLiteral("Continue"));
    find<QDoubleSpinBox>("searchTarget")->setValue(40.0);
    EXPECT_EQ(start->text(), QStringLiteral("Search")) << "another target is another search";
    find<QDoubleSpinBox>("searchTarget")->setValue(30.0);
    view.setRecord(makeRecord(true));
    EXPECT_EQ(start->text(), QStringLiteral("Search"));
    view.setBusy(true);
    EXPECT_EQ(start->text(), QStringLiteral("Pause"));
    QSignalSpy cancelled(&view, &views::SearchView::cancelWanted);
    QTest::mouseClick(start, Qt::LeftButton);
    EXPECT_EQ(cancelled.size(), 1);
}

TEST_F(SearchDock, ForgetsWithTheNetwork)
{
    view.setRecord(makeRecord());
    view.setResults(nullptr);
    EXPECT_FALSE(view.record());
    EXPECT_TRUE(find<views::ValueTable>("searchTrials")->selectedKeys().empty());
    EXPECT_FALSE(find<QPushButton>("searchStart")->isEnabled());
}

} // namespace
