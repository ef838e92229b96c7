#include "io/files/hdf5/table.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

template <typename Values>
const Values& Table::find(std::string_view name) const
{
    const auto column = std::ranges::find(m_columns, name, &Column::name);
    if (column == m_columns.end() || !std::holds_alternative<Values>(column->values)) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("column '{}' is missing or of another type", name));
    }
    return std::get<Values>(column->values);
}

const Table::Reals& Table::reals(std::string_view name) const { return find<Reals>(name); }

const Table::Integers& Table::integers(std::string_view name) const { return find<Integers>(name); }

const Table::Texts& Table::texts(std::string_view name) const { return find<Texts>(name); }

std::size_t Table::rows() const
{
    return m_columns.empty()
        ? 0
        : std::visit([](const auto& values) { return values.size(); }, m_columns.front().values);
}

} // namespace io
