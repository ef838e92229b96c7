#pragma once

#include <QVariant>

namespace views {

/// Order of two SortRole values for a proxy that sorts in `order`: those without a value come last either
/// way.
[[nodiscard]] bool sortsBefore(const QVariant& left, const QVariant& right, Qt::SortOrder order);

} // namespace views
