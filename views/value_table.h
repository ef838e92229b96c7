#pragma once

#include <QTableView>
#include <QVariant>

#include <optional>
#include <vector>

class QSortFilterProxyModel;
class QStandardItemModel;

namespace views {

class HeatDelegate;

/// One cell: its text, the raw value it sorts by and is copied as, and where it is tinted the heat.
struct Cell
{
    QString text;
    QVariant sort;
    std::optional<double> heat;
    QString toolTip;
};

struct TableColumn
{
    QString title;
    QString help;
    bool numeric = false;
};

/// A sortable, copyable table of small results; each row carries a key that the owner understands.
class ValueTable : public QTableView
{
    Q_OBJECT

public:
    struct Row
    {
        int key = 0;
        std::vector<Cell> cells;
    };
    ValueTable(const QString& name, const QString& accessibleName, const std::vector<TableColumn>& columns,
               QWidget* parent);

    void setRows(const std::vector<Row>& rows); ///< keeps the selected key
    void selectKey(std::optional<int> key); ///< without telling
    [[nodiscard]] std::vector<int> selectedKeys() const;
    void setStale(bool stale);
    void setEditableColumn(int column);

signals:
    void keySelected(int key);
    void keyActivated(int key); ///< double click or Enter
    void cellEdited(int key, const QString& text);

private:
    [[nodiscard]] int keyAt(const QModelIndex& index) const;

    QStandardItemModel* m_model;
    QSortFilterProxyModel* m_sorted;
    HeatDelegate* m_delegate;
    std::vector<bool> m_numeric;
    int m_editable = -1;
    bool m_silent = false;
};

} // namespace views
