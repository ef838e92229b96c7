#pragma once

#include "views/base/value_model.h"

#include <QImage>
#include <QTableView>

#include <optional>
#include <vector>

class QSortFilterProxyModel;

namespace views {

class HeatDelegate;

/// A sortable, copyable table of small results; each row carries a key that the owner understands.
class ValueTable : public QTableView
{
    Q_OBJECT

public:
    using Row = ValueRow;

    ValueTable(const QString& name, const QString& accessibleName, const std::vector<TableColumn>& columns,
               QWidget* parent);

    void setRows(const std::vector<Row>& rows); ///< keeps the selected key
    void selectKey(std::optional<int> key); ///< without telling
    [[nodiscard]] std::vector<int> selectedKeys() const;
    void setStale(bool stale);
    void setEditableColumn(int column);
    void setPictures(int column, int side); ///< that column has room for square pictures
    void setPicture(int key, const QImage& image);
    void forgetPictures();
    [[nodiscard]] std::vector<int> visibleKeys() const; ///< of the rows that are on the screen

signals:
    void keySelected(int key);
    void keyActivated(int key); ///< double click or Enter
    void cellEdited(int key, const QString& text);
    void visibleKeysChanged(); ///< scrolled, sorted, resized or filled anew

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] int keyAt(const QModelIndex& index) const;

    ValueModel* m_model;
    QSortFilterProxyModel* m_sorted;
    HeatDelegate* m_delegate;
    int m_pictures = -1; ///< column
    bool m_silent = false;
};

} // namespace views
