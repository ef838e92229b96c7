#pragma once

#include <QAbstractTableModel>
#include <QImage>
#include <QVariant>

#include <map>
#include <optional>
#include <vector>

namespace views {

/// One cell: its text, the raw value it sorts by and is copied as, and where it is tinted the heat.
struct Cell
{
    QString text;
    QVariant sort;
    std::optional<double> heat;
    QString toolTip;
    bool operator==(const Cell&) const = default;
};

struct TableColumn
{
    QString title;
    QString help;
    bool numeric = false;
};

/// One row; the key is what its owner knows it by.
struct ValueRow
{
    int key = 0;
    std::vector<Cell> cells;
    bool operator==(const ValueRow&) const = default;
};

/// Rows of finished cells. Setting as many rows as before changes only those that differ, so that selection
/// and scroll position survive.
class ValueModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    explicit ValueModel(std::vector<TableColumn> columns, QObject* parent = nullptr);

    void setRows(std::vector<ValueRow> rows);
    void setEditableColumn(int column) { m_editable = column; }
    /// Pictures stay with their keys, whatever rows come.
    void setPictureColumn(int column) { m_pictureColumn = column; }
    void setPicture(int key, const QImage& image);
    void forgetPictures() { m_pictures.clear(); }
    [[nodiscard]] int keyAt(int row) const { return m_rows[static_cast<std::size_t>(row)].key; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

signals:
    void cellEdited(int key, const QString& text);

private:
    std::vector<TableColumn> m_columns;
    std::vector<ValueRow> m_rows;
    std::map<int, QImage> m_pictures; ///< by key
    int m_editable = -1;
    int m_pictureColumn = -1;
};

} // namespace views
