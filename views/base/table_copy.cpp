#include "views/base/table_copy.h"

#include "views/base/roles.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QTableView>

#include <algorithm>

namespace views {

namespace {

QString cellText(const QModelIndex& index)
{
    const QVariant raw = index.data(SortRole);
    QString text = raw.typeId() == QMetaType::Double ? QString::number(raw.toDouble(), 'g', 9)
                                                     : index.data(Qt::DisplayRole).toString();
    return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

std::vector<int> visibleColumns(const QTableView& table)
{
    std::vector<int> columns;
    const QHeaderView* const header = table.horizontalHeader();
    for (int visual = 0; visual < header->count(); ++visual) {
        const int logical = header->logicalIndex(visual);
        if (!header->isSectionHidden(logical)) {
            columns.push_back(logical);
        }
    }
    return columns;
}

} // namespace

QString tableAsTsv(const QTableView& table)
{
    const QAbstractItemModel* const model = table.model();
    const std::vector<int> columns = visibleColumns(table);
    QStringList lines;
    QStringList cells;
    for (const int column : columns) {
        cells << model->headerData(column, Qt::Horizontal)
                     .toString()
                     .replace(QLatin1Char('\n'), QLatin1Char(' '));
    }
    lines << cells.join(QLatin1Char('\t'));
    const bool all = !table.selectionModel()->hasSelection();
    for (int row = 0; row < model->rowCount(); ++row) {
        if (!all && !table.selectionModel()->rowIntersectsSelection(row, {})) {
            continue;
        }
        cells.clear();
        for (const int column : columns) {
            cells << cellText(model->index(row, column));
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void installCopy(QTableView* table)
{
    auto* const copy = new QAction(QCoreApplication::translate("table", "Copy as TSV"), table);
    copy->setObjectName(QStringLiteral("copyTsv"));
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QObject::connect(copy, &QAction::triggered, table,
                     [table] { QApplication::clipboard()->setText(tableAsTsv(*table)); });
    table->addAction(copy);
    table->setContextMenuPolicy(Qt::ActionsContextMenu);
}

} // namespace views
