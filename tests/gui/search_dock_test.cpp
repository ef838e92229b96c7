// A search in the real window, on the built-in sample with its planted problem.
#include "io/plans/plan_json.h"
#include "tests/gui/window_fixture.h"
#include "views/search/search_view.h"

#include <QDoubleSpinBox>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>

#include <gtest/gtest.h>

namespace {

class SearchInWindow : public support::Window
{
protected:
    void SetUp() override
    {
        QStandardPaths::setTestModeEnabled(true);
        const std::filesystem::path journals =
            QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation).toStdString();
        std::filesystem::remove_all(journals / "searches");
        open();
        window.workspace()->edit({std::make_shared<core::QuantizationPlan>(io::readPlan(
                                      support::projectFile("resources/sample/sample.plan.json"))),
                                  QStringLiteral("per tensor"),
                                  {}});
        waitUntilIdle();
        ASSERT_TRUE(window.raiseDock(QStringLiteral("Search")));
        QTest::qWait(0);
    }

    void TearDown() override { QStandardPaths::setTestModeEnabled(false); }

    template <typename Widget>
    Widget* find(const char* name)
    {
        return window.findChild<Widget*>(QLatin1String(name));
    }

    void waitForSearch()
    {
        QSignalSpy busy(window.search(), &app::SearchService::busyChanged);
        while (window.search()->isBusy()) {
            ASSERT_TRUE(busy.wait(240000));
        }
        QTest::qWait(0);
    }
};

TEST_F(SearchInWindow, FindsAPlanThatReachesTheTargetAndGoesOnFromItsJournal)
{
    auto* const start = find<QPushButton>("searchStart");
    const auto* const view = find<views::SearchView>("searchView");
    QSignalSpy advanced(window.search(), &app::SearchService::advanced);
    QTest::mouseClick(start, Qt::LeftButton);
    ASSERT_TRUE(window.search()->isBusy());
    while (advanced.size() < 2) {
        ASSERT_TRUE(advanced.wait(120000));
    }
    QTest::mouseClick(start, Qt::LeftButton); // pause
    EXPECT_FALSE(window.search()->isBusy());
    ASSERT_TRUE(view->record());
    const std::size_t paused = view->record()->state.trials.size();
    EXPECT_FALSE(view->record()->state.isFinished);
    EXPECT_EQ(start->text(), QStringLiteral("Continue"));

    QTest::mouseClick(start, Qt::LeftButton);
    waitForSearch();
    const core::SearchState& state = view->record()->state;
    EXPECT_GT(state.trials.size(), paused);
    for (std::size_t i = 0; i < paused; ++i) {
        EXPECT_TRUE(state.trials[i].isKnown) << "trial " << i + 1 << " was measured again";
    }
    EXPECT_TRUE(core::reaches(state.trials[state.best], view->record()->goal));

    const double before = window.workspace()->results()->report->accuracy->quantized.top1;
    QTest::mouseClick(find<QPushButton>("searchLoad"), Qt::LeftButton);
    waitUntilIdle();
    const core::Accuracy& after = *window.workspace()->results()->report->accuracy;
    EXPECT_GT(after.quantized.top1, before + 30.0);
    EXPECT_LE(after.fp32.top1 - after.quantized.top1, 1.0) << "what the search measured, the run shows";
    window.workspace()->undoStack()->undo();
    waitUntilIdle();
    EXPECT_EQ(window.workspace()->results()->report->accuracy->quantized.top1, before);
}

} // namespace
