#pragma once

#include <QStyledItemDelegate>

namespace views {

/// Tints cells that have a HeatRole; draws everything muted while the numbers are stale.
class HeatDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setStale(bool stale) { m_stale = stale; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

private:
    bool m_stale = false;
};

} // namespace views
