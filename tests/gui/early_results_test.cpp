// The first samples of a run that goes on: shown at once, but no run of the list.
#include "app/gui/window/status_panel.h"
#include "app/gui/work/workspace.h"
#include "core/report/results.h"
#include "tests/support/report_fixture.h"
#include "views/base/selection.h"
#include "views/operators/operators_view.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTableView>

#include <algorithm>
#include <gtest/gtest.h>

namespace {

using Results = std::shared_ptr<const core::Results>;

/// The operator that is worst at the output is good.
Results withoutTheWorst(const Results& results)
{
    auto report = std::make_shared<core::Report>(*results->report);
    const auto worst = std::ranges::max_element(report->layers, {}, [](const auto& layer) {
        return layer->atOutput ? layer->atOutput->relativeL2.value_or(0.0) : 0.0;
    });
    auto layer = std::make_shared<core::LayerReport>(**worst);
    layer->atOutput->relativeL2 = 1e-6;
    *worst = layer;
    auto changed = std::make_shared<core::Results>(*results);
    changed->report = report;
    return changed;
}

/// The same plan, on that many of 50 samples; the operator that is worst on all of them is good on these.
Results onFirst(const Results& whole, std::size_t samples)
{
    auto early = std::make_shared<core::Results>(*withoutTheWorst(whole));
    auto report = std::make_shared<core::Report>(*early->report);
    report->samples = samples;
    report->outputs[0].sqnrInterval = core::ConfidenceInterval{17.5, 20.5, "t", samples};
    early->report = report;
    early->samplesToCome = 50 - samples;
    return early;
}

TEST(EarlyResults, AreShownAndAreNoRunYet)
{
    const Results whole = support::makeResults();
    app::Workspace workspace;
    workspace.start(whole->report->plan);
    QSignalSpy changed(&workspace, &app::Workspace::resultsChanged);
    const Results early = onFirst(whole, 8);
    workspace.setEarlyResults(early);
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(workspace.results(), early);
    EXPECT_TRUE(workspace.runs().empty());
    EXPECT_FALSE(workspace.isStale());
    EXPECT_FALSE(workspace.isUpToDate()); // undo and redo back to this plan runs it again
    workspace.pinBaseline(early);
    workspace.setResults(whole);
    EXPECT_EQ(workspace.results(), whole);
    ASSERT_EQ(workspace.runs().size(), 1u);
    EXPECT_EQ(workspace.runs()[0].results, whole);
    EXPECT_EQ(workspace.baseline(), whole);
    EXPECT_TRUE(workspace.isUpToDate());
}

TEST(EarlyResults, OfAnotherPlanAreDropped)
{
    const Results whole = support::makeResults();
    app::Workspace workspace;
    auto plan = *whole->report->plan;
    plan.defaults.precision = core::kFp32;
    workspace.start(std::make_shared<const core::QuantizationPlan>(plan));
    workspace.setEarlyResults(onFirst(whole, 8));
    EXPECT_FALSE(workspace.results());
}

TEST(EarlyResults, TheStatusLineSaysOnHowManyAndHowSure)
{
    app::StatusPanel panel;
    const auto* const text = panel.findChild<QLabel*>(QStringLiteral("statusAccuracy"));
    const Results whole = support::makeResults();
    panel.setResults(onFirst(whole, 8).get(), false);
    EXPECT_TRUE(text->text().startsWith(QStringLiteral("first 8 of 50, 95 %: ")))
        << text->text().toStdString();
    EXPECT_TRUE(text->text().contains(QStringLiteral("(17.5 … 20.5)"))) << text->text().toStdString();
    panel.setResults(whole.get(), false);
    EXPECT_FALSE(text->text().contains(QStringLiteral("first"))) << text->text().toStdString();
}

TEST(EarlyResults, RowsStayWhileTheirNumbersBecomeSharper)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    const auto* const table = view.findChild<QTableView*>(QStringLiteral("operatorsTable"));
    const auto names = [&] {
        QStringList all;
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            all << table->model()->index(row, 0).data().toString();
        }
        return all;
    };
    const Results whole = support::makeResults();
    view.setResults(whole);
    const QStringList before = names();
    view.setResults(onFirst(whole, 8));
    EXPECT_EQ(names(), before);
    view.setResults(withoutTheWorst(whole));
    EXPECT_NE(names(), before); // whole again: sorted again
}

} // namespace
