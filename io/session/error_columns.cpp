#include "io/session/error_columns.h"

#include <cmath>
#include <limits>

namespace io {

double orNan(const std::optional<double>& value)
{
    return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

std::optional<double> unlessNan(double value)
{
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

ErrorColumns::ErrorColumns(Table& table, const std::string& prefix)
    : m_l2(table.addReals(prefix + "l2", "units of the tensor"))
    , m_relativeL2(table.addReals(prefix + "relative_l2", "1"))
    , m_medianChannelRelativeL2(table.addReals(prefix + "median_channel_relative_l2", "1"))
    , m_sqnrDb(table.addReals(prefix + "sqnr_db", "dB"))
    , m_cosine(table.addReals(prefix + "cosine", "1"))
    , m_maxAbs(table.addReals(prefix + "max_abs", "units of the tensor"))
    , m_rmseLsb(table.addReals(prefix + "rmse_lsb", "LSB"))
    , m_elements(table.addIntegers(prefix + "elements"))
    , m_samples(table.addIntegers(prefix + "samples", "samples; -1: not measured"))
{
}

void ErrorColumns::add(const std::optional<core::ErrorMetrics>& metrics)
{
    const core::ErrorMetrics m = metrics.value_or(core::ErrorMetrics{});
    m_l2.push_back(m.l2);
    m_relativeL2.push_back(orNan(m.relativeL2));
    m_medianChannelRelativeL2.push_back(orNan(m.medianChannelRelativeL2));
    m_sqnrDb.push_back(orNan(m.sqnrDb));
    m_cosine.push_back(orNan(m.cosine));
    m_maxAbs.push_back(m.maxAbs);
    m_rmseLsb.push_back(orNan(m.rmseLsb));
    m_elements.push_back(static_cast<std::int64_t>(m.elements));
    m_samples.push_back(metrics ? static_cast<std::int64_t>(m.samples) : -1);
}

std::optional<core::ErrorMetrics> ErrorColumns::read(const Table& table, const std::string& prefix,
                                                     std::size_t row)
{
    const std::int64_t samples = table.integers(prefix + "samples").at(row);
    if (samples < 0) {
        return std::nullopt;
    }
    core::ErrorMetrics m;
    m.l2 = table.reals(prefix + "l2").at(row);
    m.relativeL2 = unlessNan(table.reals(prefix + "relative_l2").at(row));
    m.medianChannelRelativeL2 = unlessNan(table.reals(prefix + "median_channel_relative_l2").at(row));
    m.sqnrDb = unlessNan(table.reals(prefix + "sqnr_db").at(row));
    m.cosine = unlessNan(table.reals(prefix + "cosine").at(row));
    m.maxAbs = table.reals(prefix + "max_abs").at(row);
    m.rmseLsb = unlessNan(table.reals(prefix + "rmse_lsb").at(row));
    m.elements = static_cast<std::uint64_t>(table.integers(prefix + "elements").at(row));
    m.samples = static_cast<std::uint64_t>(samples);
    return m;
}

} // namespace io
