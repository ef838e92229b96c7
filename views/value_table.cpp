#include "views/value_table.h"

#include "views/heat_delegate.h"
#include "views/roles.h"
#include "views/sort_order.h"
#include "views/table_copy.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>

namespace views {

namespace {

constexpr int kKeyRole = OperatorRole + 1;

class SortedRows : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        return sortsBefore(left.data(SortRole), right.data(SortRole), sortOrder());
    }
};

} // namespace

ValueTable::ValueTable(const QString& name, const QString& accessibleName,
                       const std::vector<TableColumn>& columns, QWidget* parent)
    : QTableView(parent)
    , m_model(new QStandardItemModel(0, static_cast<int>(columns.size()), this))
    , m_sorted(new SortedRows(this))
    , m_delegate(new HeatDelegate(this))
{
    setObjectName(name);
    setAccessibleName(accessibleName);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto* const item = new QStandardItem(columns[i].title);
        item->setToolTip(columns[i].help);
        item->setTextAlignment((columns[i].numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        m_model->setHorizontalHeaderItem(static_cast<int>(i), item);
        m_numeric.push_back(columns[i].numeric);
    }
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(SortRole);
    setModel(m_sorted);
    setItemDelegate(m_delegate);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setAlternatingRowColors(true);
    setFrameShape(QFrame::NoFrame);
    setSortingEnabled(true);
    sortByColumn(-1, Qt::AscendingOrder); // as given until the user chooses
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(!columns.back().numeric);
    installCopy(this);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                if (!m_silent && index.isValid()) {
                    emit keySelected(keyAt(index));
                }
            });
    connect(this, &QTableView::activated, this,
            [this](const QModelIndex& index) { emit keyActivated(keyAt(index)); });
    connect(m_model, &QStandardItemModel::itemChanged, this, [this](const QStandardItem* item) {
        if (!m_silent) {
            emit cellEdited(m_model->item(item->row(), 0)->data(kKeyRole).toInt(), item->text());
        }
    });
}

int ValueTable::keyAt(const QModelIndex& index) const
{
    return index.siblingAtColumn(0).data(kKeyRole).toInt();
}

void ValueTable::setEditableColumn(int column)
{
    m_editable = column;
    setEditTriggers(SelectedClicked | EditKeyPressed);
}

void ValueTable::setRows(const std::vector<Row>& rows)
{
    const std::vector<int> kept = selectedKeys();
    const bool first = m_model->rowCount() == 0;
    m_silent = true;
    m_model->setRowCount(static_cast<int>(rows.size()));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const Row& from = rows[static_cast<std::size_t>(row)];
        for (int column = 0; column < m_model->columnCount(); ++column) {
            const Cell& cell = from.cells[static_cast<std::size_t>(column)];
            const bool numeric = m_numeric[static_cast<std::size_t>(column)];
            auto* const item = new QStandardItem(cell.text);
            item->setEditable(column == m_editable);
            item->setData(cell.sort.isValid() || numeric ? cell.sort : QVariant(cell.text), SortRole);
            item->setData(cell.heat ? QVariant(*cell.heat) : QVariant(), HeatRole);
            item->setData(from.key, kKeyRole);
            item->setToolTip(cell.toolTip);
            item->setTextAlignment((numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            m_model->setItem(row, column, item);
        }
    }
    m_silent = false;
    if (first) {
        resizeColumnsToContents();
    }
    if (!kept.empty()) {
        selectKey(kept.front());
    }
}

void ValueTable::selectKey(std::optional<int> key)
{
    m_silent = true;
    clearSelection();
    for (int row = 0; key && row < m_sorted->rowCount(); ++row) {
        if (keyAt(m_sorted->index(row, 0)) == *key) {
            selectRow(row);
            scrollTo(m_sorted->index(row, 0));
            break;
        }
    }
    m_silent = false;
}

std::vector<int> ValueTable::selectedKeys() const
{
    std::vector<int> keys;
    for (const QModelIndex& index : selectionModel()->selectedRows()) {
        keys.push_back(keyAt(index));
    }
    return keys;
}

void ValueTable::setStale(bool stale)
{
    m_delegate->setStale(stale);
    viewport()->update();
}

} // namespace views
