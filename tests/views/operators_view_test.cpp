#include "views/operators/operators_view.h"

#include "tests/support/report_fixture.h"
#include "views/base/roles.h"
#include "views/base/selection.h"
#include "views/base/table_copy.h"
#include "views/operators/operators_filter.h"
#include "views/operators/operators_model.h"
#include "views/operators/saved_filters.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <gtest/gtest.h>

namespace {

using views::OperatorsFilter;
using views::OperatorsModel;
using views::OperatorsQuery;
using Column = OperatorsModel::Column;

QStringList names(const QAbstractItemModel& model)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(); ++row) {
        all << model.index(row, 0).data().toString();
    }
    return all;
}

struct Filtered
{
    OperatorsModel model;
    OperatorsFilter filter;
    Filtered()
    {
        filter.setSourceModel(&model);
        model.setReport(support::makeResults()->report);
    }
    QStringList matching(const QString& text)
    {
        filter.setQuery(OperatorsQuery::parse(text));
        return names(filter);
    }
};

TEST(OperatorsView, WhatIsTypedIntoTheFilterNeverWidensIt)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    view.setResults(support::makeResults());
    view.show();
    constexpr int kNarrow = 240; // pixels, narrower than the dock stands in the smallest window
    auto* const field = view.findChild<QLineEdit*>(QStringLiteral("operatorsFilter"));
    for (const QString& word :
         {QStringLiteral("type:Conv"), QStringLiteral("conv>bad["), QStringLiteral("#3 nosuch<1")}) {
        field->clear();
        for (const QChar letter : word) { // half-typed words mean nothing, which is explained at length
            QTest::keyClicks(field, letter);
            EXPECT_LE(view.minimumSizeHint().width(), kNarrow) << field->text().toStdString();
        }
    }
}

TEST(OperatorsModel, TheHeaderTellsOnHowManySamplesTheErrorAtTheOutputStands)
{
    views::OperatorsModel model;
    const auto title = [&] {
        return model.headerData(static_cast<int>(views::OperatorsModel::Column::AtOutput), Qt::Horizontal,
                                Qt::DisplayRole);
    };
    EXPECT_EQ(title().toString(), QStringLiteral("At output"));
    model.setReport(support::makeResults()->report);
    EXPECT_EQ(title().toString(), QStringLiteral("At output · n 4"));
}

TEST(OperatorsModel, KeepsTheRulesOfItemModels)
{
    OperatorsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const auto results = support::makeResults();
    model.setReport(results->report);
    model.setReport(support::withChangedLayer(*results, 4)->report);
    model.setReport(nullptr);
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(OperatorsModel, TellsOnlyOfTheRowThatChanged)
{
    OperatorsModel model;
    const auto results = support::makeResults();
    model.setReport(results->report);
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setReport(support::withChangedLayer(*results, 4)->report);
    ASSERT_EQ(changed.count(), 1);
    EXPECT_EQ(reset.count(), 0);
    EXPECT_EQ(changed[0][0].toModelIndex().row(), 4);
    EXPECT_EQ(changed[0][1].toModelIndex().row(), 4);
}

TEST(OperatorsModel, SortRoleIsTheRawNumber)
{
    OperatorsModel model;
    model.setReport(support::makeResults()->report);
    const QModelIndex cell = model.index(4, static_cast<int>(Column::Isolated));
    EXPECT_EQ(cell.data().toString(), QStringLiteral("41.2 %"));
    EXPECT_DOUBLE_EQ(cell.data(views::SortRole).toDouble(), 0.412);
}

TEST(OperatorsFilter, SortsWorstFirstAndMissingLastEitherWay)
{
    Filtered table;
    table.filter.sort(static_cast<int>(Column::Isolated), Qt::DescendingOrder);
    EXPECT_EQ(names(table.filter).first(), QStringLiteral("dw3"));
    EXPECT_EQ(names(table.filter).last(), QStringLiteral("softmax"));
    table.filter.sort(static_cast<int>(Column::Isolated), Qt::AscendingOrder);
    EXPECT_EQ(names(table.filter).first(), QStringLiteral("flatten"));
    EXPECT_EQ(names(table.filter).last(), QStringLiteral("softmax"));
}

TEST(OperatorsFilter, UnderstandsWordsNumbersAndPercent)
{
    Filtered table;
    EXPECT_EQ(table.matching("type:add"), (QStringList{"add3", "add4"}));
    EXPECT_EQ(table.matching("type:Conv iso<25"), (QStringList{"dw3", "dw4"}));
    EXPECT_EQ(table.matching("err>6% name:dw"), (QStringList{"dw3", "dw4"}));
    EXPECT_EQ(table.matching("precision:fp32"), (QStringList{"softmax"}));
    EXPECT_EQ(table.matching("pw depth<=5"), (QStringList{"pw2", "pw3"}));
    EXPECT_EQ(table.matching("").size(), 15);
}

TEST(OperatorsQuery, NamesTheWordItDoesNotUnderstand)
{
    EXPECT_EQ(OperatorsQuery::parse("type:Conv snr<3").problem(), QStringLiteral("snr<3"));
    EXPECT_TRUE(OperatorsQuery::parse("type:Conv sqnr<3").problem().isEmpty());
}

TEST(OperatorsView, SelectsEverywhereAndFollows)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    view.setResults(support::makeResults());
    view.selectWorse();
    ASSERT_TRUE(selection.current());
    EXPECT_EQ(*selection.current(), core::OperatorId{4}) << "dw3 is worst at the output";
    view.selectBetter();
    EXPECT_EQ(*selection.current(), core::OperatorId{7}) << "dw4 comes next";
    selection.select(core::OperatorId{1});
    const auto* const table = view.findChild<QTableView*>(QStringLiteral("operatorsTable"));
    ASSERT_EQ(table->selectionModel()->selectedRows().size(), 1);
    EXPECT_EQ(table->selectionModel()->selectedRows()[0].data().toString(), QStringLiteral("conv1"));
    selection.back();
    EXPECT_EQ(*selection.current(), core::OperatorId{7});
}

TEST(OperatorsView, KeepsSelectionWhenNewNumbersArrive)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    const auto results = support::makeResults();
    view.setResults(results);
    selection.select(core::OperatorId{4});
    const QSignalSpy changed(&selection, &views::Selection::changed);
    view.setResults(support::withChangedLayer(*results, 4));
    EXPECT_EQ(changed.count(), 0);
    EXPECT_EQ(*selection.current(), core::OperatorId{4});
}

TEST(OperatorsView, CopiesTheSelectedRowsAsTsv)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    view.setResults(support::makeResults());
    selection.select(core::OperatorId{4});
    const QStringList lines = views::tableAsTsv(*view.findChild<QTableView*>()).trimmed().split('\n');
    ASSERT_EQ(lines.size(), 2);
    EXPECT_EQ(lines[0].split('\t').first(), QStringLiteral("Operator"));
    EXPECT_EQ(lines[1].split('\t').first(), QStringLiteral("dw3"));
    EXPECT_TRUE(lines[1].split('\t').contains(QStringLiteral("0.412")))
        << "raw numbers: " << lines[1].toStdString();
}

TEST(OperatorsView, FilterThatMatchesNothingSaysHowToGoOn)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    view.setResults(support::makeResults());
    view.show();
    QTest::keyClicks(view.findChild<QLineEdit*>(QStringLiteral("operatorsFilter")), QStringLiteral("nosuch"));
    auto* const empty = view.findChild<QWidget*>(QStringLiteral("operatorsEmpty"));
    EXPECT_TRUE(empty->isVisible());
    view.clearFilter();
    EXPECT_FALSE(empty->isVisible());
}

TEST(SavedFilters, KeepsAndOffersAndForgets)
{
    views::Selection selection;
    views::OperatorsView view(&selection);
    view.show();
    view.setResults(support::makeResults());
    auto* const field = view.findChild<QLineEdit*>(QStringLiteral("operatorsFilter"));
    auto* const menu = view.findChild<QMenu*>(QStringLiteral("savedFiltersMenu"));
    const auto act = [menu](const QString& text) {
        emit menu->aboutToShow();
        for (QAction* const action : menu->actions()) {
            if (action->text() == text) {
                action->trigger();
                return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(act(QStringLiteral("why:clipped"))) << "an example";
    EXPECT_EQ(field->text(), QStringLiteral("why:clipped"));
    field->clear();
    QTest::keyClicks(field, QStringLiteral("type:Add"));
    EXPECT_TRUE(act(QStringLiteral("Save “type:Add”")));
    EXPECT_EQ(view.savedFilters()->filters(), QStringList{QStringLiteral("type:Add")});
    field->clear();
    EXPECT_TRUE(act(QStringLiteral("type:Add")));
    EXPECT_EQ(view.findChild<QTableView*>()->model()->rowCount(), 2);
    EXPECT_TRUE(act(QStringLiteral("Forget “type:Add”")));
    EXPECT_TRUE(view.savedFilters()->filters().isEmpty());
}

} // namespace
