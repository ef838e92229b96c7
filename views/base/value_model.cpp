#include "views/base/value_model.h"

#include "views/base/roles.h"

namespace views {

ValueModel::ValueModel(std::vector<TableColumn> columns, QObject* parent)
    : QAbstractTableModel(parent)
    , m_columns(std::move(columns))
{
}

void ValueModel::setRows(std::vector<ValueRow> rows)
{
    if (rows.size() != m_rows.size()) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    int first = -1;
    int last = -1;
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        const auto i = static_cast<std::size_t>(row);
        if (rows[i] != m_rows[i]) {
            first = first < 0 ? row : first;
            last = row;
        }
    }
    m_rows = std::move(rows);
    if (first >= 0) { // one signal: a sorting proxy sorts at every one
        emit dataChanged(index(first, 0), index(last, columnCount() - 1));
    }
}

void ValueModel::setPicture(int key, const QImage& image)
{
    m_pictures[key] = image;
    for (int row = 0; row < rowCount(); ++row) {
        if (keyAt(row) == key) {
            emit dataChanged(index(row, m_pictureColumn), index(row, m_pictureColumn), {Qt::DecorationRole});
        }
    }
}

int ValueModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ValueModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant ValueModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const Cell& cell =
        m_rows[static_cast<std::size_t>(index.row())].cells[static_cast<std::size_t>(index.column())];
    const bool numeric = m_columns[static_cast<std::size_t>(index.column())].numeric;
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return cell.text;
    case Qt::ToolTipRole:
        return cell.toolTip.isEmpty() ? QVariant() : QVariant(cell.toolTip);
    case Qt::TextAlignmentRole:
        return QVariant((numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case SortRole:
        return cell.sort.isValid() || numeric ? cell.sort : QVariant(cell.text);
    case Qt::DecorationRole: {
        const auto picture =
            index.column() == m_pictureColumn ? m_pictures.find(keyAt(index.row())) : m_pictures.end();
        return picture == m_pictures.end() ? QVariant() : QVariant(picture->second);
    }
    case HeatRole:
        return cell.heat ? QVariant(*cell.heat) : QVariant();
    default:
        return {};
    }
}

QVariant ValueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return QAbstractTableModel::headerData(section, orientation, role);
    }
    const TableColumn& column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return column.title;
    case Qt::ToolTipRole:
        return column.help;
    case Qt::TextAlignmentRole:
        return QVariant((column.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

Qt::ItemFlags ValueModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == m_editable ? flags | Qt::ItemIsEditable : flags;
}

bool ValueModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) {
        return false;
    }
    ValueRow& row = m_rows[static_cast<std::size_t>(index.row())];
    row.cells[static_cast<std::size_t>(index.column())].text = value.toString();
    const int key = row.key; // whoever is told may set other rows
    emit dataChanged(index, index);
    emit cellEdited(key, value.toString());
    return true;
}

} // namespace views
