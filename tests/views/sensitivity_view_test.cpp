#include "views/sensitivity/sensitivity_view.h"

#include "tests/support/report_fixture.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"

#include <gtest/gtest.h>

namespace {

TEST(SensitivityView, MarksPredictedGainsByWhereTheyComeFrom)
{
    const auto results = support::makeResults();
    auto table = std::make_shared<core::SensitivityTable>();
    table->plan = results->report->plan;
    table->method = core::SensitivityMethod::Fast;
    table->linearised = 24;
    const auto add = [&](const char* name, double onlyThis, core::GainSource source) {
        core::OperatorTruths row;
        row.op = results->layer(name)->id;
        row.name = name;
        row.onlyThis = onlyThis;
        row.gainDb = 1.25;
        row.gainSource = source;
        if (source == core::GainSource::ReversePass) {
            row.gainErrorDb = 0.5;
        }
        table->rows.push_back(row);
    };
    add("pw2", 0.3, core::GainSource::Measured);
    add("dw3", 0.2, core::GainSource::ReversePass);
    add("conv1", 0.1, core::GainSource::UncorrelatedErrors);
    views::Selection selection;
    views::SensitivityView view(&selection);
    view.setResults(results);
    view.setTable(table);
    const auto* const rows = view.findChild<views::ValueTable*>(QStringLiteral("sensitivityRows"));
    const auto gain = [&](int row, int role) { return rows->model()->index(row, 6).data(role).toString(); };
    EXPECT_EQ(gain(0, Qt::DisplayRole), QStringLiteral("+1.25"));
    EXPECT_EQ(gain(1, Qt::DisplayRole), QStringLiteral("+1.25 ~"));
    EXPECT_EQ(gain(2, Qt::DisplayRole), QStringLiteral("+1.25 ?"));
    EXPECT_TRUE(gain(1, Qt::ToolTipRole).contains(QStringLiteral("0.5")))
        << gain(1, Qt::ToolTipRole).toStdString();
    EXPECT_TRUE(gain(2, Qt::ToolTipRole).contains(QStringLiteral("uncorrelated")));
}

} // namespace
