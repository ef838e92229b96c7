#include "views/profile/sequence_plot.h"

#include "tests/support/report_fixture.h"
#include "views/base/plot_tools.h"
#include "views/base/selection.h"
#include "views/profile/error_profile_view.h"

#include <QTest>
#include <QToolButton>
#include <qcustomplot.h>

#include <gtest/gtest.h>

namespace {

/// The made-up run as if its samples were two sequences.
std::shared_ptr<const core::Results> recurrentResults()
{
    auto results = std::make_shared<core::Results>(*support::makeResults());
    auto report = std::make_shared<core::Report>(*results->report);
    report->samples = 6;
    core::SequenceReport::Output output{
        "speech", {0.01, 0.02, 0.1, std::nullopt, 0.01, 1.0}, {0, 1, 2, 3, 4, 5}};
    report->sequence = core::SequenceReport{{}, {0, 4}, {output}};
    results->report = report;
    return results;
}

TEST(SequencePlot, DrawsDecibelsPerStepAndSelectsTheStepThatIsClicked)
{
    views::Selection selection;
    views::ErrorProfileView view(&selection);
    view.resize(900, 260);
    view.show();
    auto* const button = view.findChild<QToolButton*>(QStringLiteral("errorOverTime"));
    view.setResults(support::makeResults());
    EXPECT_TRUE(button->isHidden()) << "nothing is recurrent";
    const auto results = recurrentResults();
    view.setResults(results);
    ASSERT_FALSE(button->isHidden());
    QTest::mouseClick(button, Qt::LeftButton);
    QTest::qWait(0);
    auto* const plot = view.findChild<views::SequencePlot*>(QStringLiteral("sequencePlot"));
    auto* const area = view.findChild<QCustomPlot*>(QStringLiteral("sequencePlotArea"));
    ASSERT_TRUE(plot->isVisible());
    ASSERT_EQ(area->graphCount(), 1);
    const auto data = area->graph(0)->data();
    ASSERT_EQ(data->size(), 5) << "0/0 has no SQNR";
    EXPECT_DOUBLE_EQ(data->at(0)->value, 40.0);
    EXPECT_DOUBLE_EQ(data->at(2)->value, 20.0);
    EXPECT_DOUBLE_EQ(data->at(4)->value, 0.0);
    EXPECT_DOUBLE_EQ(data->at(3)->key, 4.0);
    QTest::mouseClick(area, Qt::LeftButton, {}, plot->pointOf(2));
    EXPECT_EQ(selection.sample(), std::optional<std::size_t>(2));
    view.setResults(support::makeResults());
    EXPECT_FALSE(plot->isVisible());
}

} // namespace
