#include "views/base/roles.h"
#include "views/base/value_table.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

using Rows = std::vector<views::ValueRow>;

Rows rowsOf(const std::vector<int>& keys)
{
    Rows rows;
    for (const int key : keys) {
        rows.push_back({key,
                        {{QStringLiteral("row %1").arg(key), {}, {}, {}},
                         {QString::number(key), double(key), 0.5, {}}}});
    }
    return rows;
}

const std::vector<views::TableColumn> kColumns{{QStringLiteral("Name"), {}, false},
                                               {QStringLiteral("Number"), QStringLiteral("help"), true}};

TEST(ValueModel, KeepsTheRulesOfModels)
{
    views::ValueModel model(kColumns);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setRows(rowsOf({3, 1, 2}));
    model.setRows(rowsOf({1, 2, 3}));
    model.setRows(rowsOf({1}));
    model.setRows({});
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_EQ(model.headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString(), QStringLiteral("help"));
}

TEST(ValueModel, TellsOnlyOfRowsThatChanged)
{
    views::ValueModel model(kColumns);
    model.setRows(rowsOf({1, 2, 3, 4}));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setRows(rowsOf({1, 2, 3, 4}));
    EXPECT_EQ(changed.count(), 0);
    model.setRows(rowsOf({1, 7, 3, 4}));
    ASSERT_EQ(changed.count(), 1);
    EXPECT_EQ(changed[0][0].toModelIndex().row(), 1);
    EXPECT_EQ(changed[0][1].toModelIndex().row(), 1);
    EXPECT_EQ(reset.count(), 0);
}

TEST(ValueTable, SelectionFollowsTheKey)
{
    views::ValueTable table(QStringLiteral("table"), QStringLiteral("table"), kColumns, nullptr);
    table.show();
    table.setRows(rowsOf({1, 2, 3}));
    table.selectKey(2);
    table.setRows(rowsOf({3, 2, 1, 9}));
    EXPECT_EQ(table.selectedKeys(), std::vector<int>{2});
    table.setRows(rowsOf({9, 1, 3, 2}));
    EXPECT_EQ(table.selectedKeys(), std::vector<int>{2});
    table.sortByColumn(1, Qt::DescendingOrder);
    EXPECT_EQ(table.model()->index(0, 1).data().toString(), QStringLiteral("9"));
}

TEST(ValueTable, EditsTellTheKey)
{
    views::ValueTable table(QStringLiteral("table"), QStringLiteral("table"), kColumns, nullptr);
    table.setRows(rowsOf({5, 6}));
    EXPECT_FALSE(table.model()->flags(table.model()->index(1, 0)) & Qt::ItemIsEditable);
    table.setEditableColumn(0);
    QSignalSpy edited(&table, &views::ValueTable::cellEdited);
    EXPECT_TRUE(table.model()->setData(table.model()->index(1, 0), QStringLiteral("note"), Qt::EditRole));
    ASSERT_EQ(edited.count(), 1);
    EXPECT_EQ(edited[0][0].toInt(), 6);
    EXPECT_EQ(edited[0][1].toString(), QStringLiteral("note"));
}

} // namespace
