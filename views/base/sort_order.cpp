#include "views/base/sort_order.h"

#include <QString>

namespace views {

bool sortsBefore(const QVariant& left, const QVariant& right, Qt::SortOrder order)
{
    if (!left.isValid() || !right.isValid()) {
        // The proxy swaps the answer for a descending order, so "last" depends on it.
        return order == Qt::AscendingOrder ? left.isValid() && !right.isValid()
                                           : !left.isValid() && right.isValid();
    }
    if (left.typeId() == QMetaType::Double) {
        return left.toDouble() < right.toDouble();
    }
    return QString::localeAwareCompare(left.toString(), right.toString()) < 0;
}

} // namespace views
