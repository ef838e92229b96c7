#pragma once

#include "views/base/operators_query.h"

#include <QSortFilterProxyModel>

namespace views {

/// Sorts on the raw number, rows without one last in either order; keeps rows that a query matches.
class OperatorsFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit OperatorsFilter(QObject* parent = nullptr);
    void setQuery(OperatorsQuery query);
    [[nodiscard]] const OperatorsQuery& query() const { return m_query; }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    OperatorsQuery m_query;
};

} // namespace views
