#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/table.h"

#include <optional>
#include <string>

namespace io {

/// The columns of an ErrorMetrics, all with one prefix ("isolated_"): the same list writes and reads.
class ErrorColumns
{
public:
    ErrorColumns(Table& table, const std::string& prefix);
    void add(const std::optional<core::ErrorMetrics>& metrics);
    /// None when the row holds none.
    [[nodiscard]] static std::optional<core::ErrorMetrics> read(const Table& table, const std::string& prefix,
                                                                std::size_t row);

private:
    Table::Reals& m_l2;
    Table::Reals& m_relativeL2;
    Table::Reals& m_medianChannelRelativeL2;
    Table::Reals& m_sqnrDb;
    Table::Reals& m_cosine;
    Table::Reals& m_maxAbs;
    Table::Reals& m_rmseLsb;
    Table::Integers& m_elements;
    Table::Integers& m_samples; ///< −1: none
};

[[nodiscard]] double orNan(const std::optional<double>& value);
[[nodiscard]] std::optional<double> unlessNan(double value);

} // namespace io
