#include "views/operators_filter.h"

#include "views/operators_model.h"
#include "views/roles.h"
#include "views/sort_order.h"

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
