#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace io {

/// A table by columns: 64-bit reals, 64-bit integers or UTF-8 texts. In HDF5 a one-dimensional dataset of a
/// compound type with one member per column; texts are null-padded, units are attributes "unit:COLUMN". NaN
/// stands for "none".
class Table
{
public:
    using Reals = std::vector<double>;
    using Integers = std::vector<std::int64_t>;
    using Texts = std::vector<std::string>;
    struct Column
    {
        std::string name;
        std::string unit;
        std::variant<Reals, Integers, Texts> values;
    };

    /// Add a column. References stay valid while columns are added.
    Reals& addReals(std::string name, std::string unit = {})
    {
        return add<Reals>(std::move(name), std::move(unit));
    }
    Integers& addIntegers(std::string name, std::string unit = {})
    {
        return add<Integers>(std::move(name), std::move(unit));
    }
    Texts& addTexts(std::string name) { return add<Texts>(std::move(name), {}); }
    void add(Column column) { m_columns.push_back(std::move(column)); }

    /// A column. Throws core::Error(FileFormat) naming it when it is absent or of another kind.
    [[nodiscard]] const Reals& reals(std::string_view name) const;
    [[nodiscard]] const Integers& integers(std::string_view name) const;
    [[nodiscard]] const Texts& texts(std::string_view name) const;

    [[nodiscard]] const std::deque<Column>& columns() const { return m_columns; }
    /// Of the first column; all must have as many.
    [[nodiscard]] std::size_t rows() const;

private:
    template <typename Values>
    Values& add(std::string name, std::string unit)
    {
        return std::get<Values>(
            m_columns.emplace_back(Column{std::move(name), std::move(unit), Values{}}).values);
    }
    template <typename Values>
    const Values& find(std::string_view name) const;

    std::deque<Column> m_columns;
};

} // namespace io
