#include "views/base/value_table.h"

#include "views/base/heat_delegate.h"
#include "views/base/roles.h"
#include "views/base/sort_order.h"
#include "views/base/table_copy.h"

#include <QHeaderView>
#include <QScrollBar>
#include <QSortFilterProxyModel>

namespace views {

namespace {

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
    , m_model(new ValueModel(columns, this))
    , m_sorted(new SortedRows(this))
    , m_delegate(new HeatDelegate(this))
{
    setObjectName(name);
    setAccessibleName(accessibleName);
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
    // Not the current row: a table that gets the focus makes its first row current, which nobody chose.
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this,
            [this](const QItemSelection& selected) {
                if (!m_silent && !selected.isEmpty()) {
                    const QModelIndex current = currentIndex();
                    emit keySelected(
                        keyAt(selected.contains(current) ? current : selected.indexes().first()));
                }
            });
    connect(this, &QTableView::activated, this,
            [this](const QModelIndex& index) { emit keyActivated(keyAt(index)); });
    connect(m_model, &ValueModel::cellEdited, this, &ValueTable::cellEdited);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &ValueTable::visibleKeysChanged);
    connect(m_sorted, &QAbstractItemModel::layoutChanged, this, &ValueTable::visibleKeysChanged);
}

int ValueTable::keyAt(const QModelIndex& index) const
{
    return m_model->keyAt(m_sorted->mapToSource(index).row());
}

void ValueTable::setEditableColumn(int column)
{
    m_model->setEditableColumn(column);
    setEditTriggers(SelectedClicked | EditKeyPressed);
}

void ValueTable::setPictures(int column, int side)
{
    m_pictures = column;
    m_model->setPictureColumn(column);
    setIconSize(QSize(side, side));
    verticalHeader()->setDefaultSectionSize(side + 4);
}

void ValueTable::setPicture(int key, const QImage& image) { m_model->setPicture(key, image); }

void ValueTable::forgetPictures() { m_model->forgetPictures(); }

std::vector<int> ValueTable::visibleKeys() const
{
    std::vector<int> keys;
    const int first = rowAt(0);
    for (int row = first;
         row >= 0 && row < m_sorted->rowCount() && rowViewportPosition(row) < viewport()->height(); ++row) {
        keys.push_back(keyAt(m_sorted->index(row, 0)));
    }
    return keys;
}

void ValueTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    emit visibleKeysChanged();
}

void ValueTable::setRows(const std::vector<Row>& rows)
{
    const std::vector<int> kept = selectedKeys();
    const bool first = m_model->rowCount() == 0;
    m_silent = true;
    m_model->setRows(rows);
    m_silent = false;
    if (first) {
        resizeColumnsToContents();
        if (m_pictures >= 0) { // they come later
            setColumnWidth(m_pictures, columnWidth(m_pictures) + iconSize().width() + 6);
        }
    }
    if (!kept.empty()) {
        selectKey(kept.front());
    }
    emit visibleKeysChanged();
}

void ValueTable::selectKey(std::optional<int> key)
{
    m_silent = true;
    clearSelection();
    if (!key) {
        selectionModel()->clearCurrentIndex(); // so that the same row can be chosen again
    }
    for (int row = 0; key && row < m_sorted->rowCount(); ++row) {
        if (keyAt(m_sorted->index(row, 0)) == *key) {
            // selectRow() would extend the selection while Shift or Ctrl is held, as in a shortcut.
            selectionModel()->setCurrentIndex(
                m_sorted->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
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
