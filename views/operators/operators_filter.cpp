#include "views/operators/operators_filter.h"

#include "views/base/roles.h"
#include "views/base/sort_order.h"
#include "views/operators/operators_model.h"

namespace views {

OperatorsFilter::OperatorsFilter(QObject* parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
    setDynamicSortFilter(true);
}

void OperatorsFilter::setQuery(OperatorsQuery query)
{
    m_query = std::move(query);
    invalidateFilter();
}

bool OperatorsFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const auto* const model = qobject_cast<const OperatorsModel*>(sourceModel());
    return parent.isValid() || !model || m_query.matches(model->layer(row));
}

bool OperatorsFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    return sortsBefore(left.data(SortRole), right.data(SortRole), sortOrder());
}

} // namespace views
