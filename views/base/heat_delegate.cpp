#include "views/base/heat_delegate.h"

#include "views/base/roles.h"
#include "views/base/theme.h"

#include <QPainter>

namespace views {

void HeatDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus; // rows are selected, not cells
    const QVariant heat = index.data(HeatRole);
    if (m_stale) {
        option->palette.setColor(QPalette::Text, option->palette.color(QPalette::PlaceholderText));
        option->font.setItalic(true);
        return;
    }
    if (heat.isValid() && !(option->state & QStyle::State_Selected)) {
        const QColor ground = heatColor(heat.toDouble(), isDark(option->palette));
        option->backgroundBrush = ground;
        option->palette.setColor(QPalette::Text, textOn(ground));
    }
}

void HeatDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    const QVariant heat = index.data(HeatRole);
    if (heat.isValid() && !m_stale && (option.state & QStyle::State_Selected)) {
        // The selection covers the tint: keep it as a stripe, so that the worst row still looks worst.
        painter->fillRect(QRect(option.rect.left(), option.rect.top() + 1, 5, option.rect.height() - 2),
                          heatColor(heat.toDouble(), isDark(option.palette)));
    }
}

} // namespace views
