#include "io/session/saved_statistics.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

using core::GrowingHistogram;
using core::Moments;

/// Columns of moments, for tensors and for channels alike.
struct MomentColumns
{
    explicit MomentColumns(Table& table)
        : count(table.addIntegers("count", "finite values"))
        , zeros(table.addIntegers("zeros", "values"))
        , nans(table.addIntegers("nans", "values"))
        , infinities(table.addIntegers("infinities", "values"))
        , min(table.addReals("min", "units of the tensor"))
        , max(table.addReals("max", "units of the tensor"))
        , sum(table.addReals("sum", "units of the tensor"))
        , sumOfSquares(table.addReals("sum_of_squares", "units of the tensor squared"))
    {
    }

    void add(const Moments& m)
    {
        count.push_back(static_cast<std::int64_t>(m.count));
        zeros.push_back(static_cast<std::int64_t>(m.zeros));
        nans.push_back(static_cast<std::int64_t>(m.nans));
        infinities.push_back(static_cast<std::int64_t>(m.infinities));
        min.push_back(m.min);
        max.push_back(m.max);
        sum.push_back(m.sum);
        sumOfSquares.push_back(m.sumOfSquares);
    }

    Table::Integers& count;
    Table::Integers& zeros;
    Table::Integers& nans;
    Table::Integers& infinities;
    Table::Reals& min;
    Table::Reals& max;
    Table::Reals& sum;
    Table::Reals& sumOfSquares;
};

Moments momentsOf(const Table& table, std::size_t row)
{
    Moments m;
    m.count = static_cast<std::uint64_t>(table.integers("count").at(row));
    m.zeros = static_cast<std::uint64_t>(table.integers("zeros").at(row));
    m.nans = static_cast<std::uint64_t>(table.integers("nans").at(row));
    m.infinities = static_cast<std::uint64_t>(table.integers("infinities").at(row));
    m.min = static_cast<float>(table.reals("min").at(row));
    m.max = static_cast<float>(table.reals("max").at(row));
    m.sum = table.reals("sum").at(row);
    m.sumOfSquares = table.reals("sum_of_squares").at(row);
    return m;
}

} // namespace

void saveStatistics(Hdf5Writer& file, const std::string& path, const core::StatisticsByValue& statistics)
{
    Table tensors;
    Table::Texts& names = tensors.addTexts("tensor");
    Table::Integers& samples = tensors.addIntegers("samples");
    Table::Integers& exponents = tensors.addIntegers("exponent", "log2 of the bin width");
    Table::Integers& binned = tensors.addIntegers("has_histogram");
    MomentColumns totals(tensors);
    Table channels;
    Table::Integers& owner = channels.addIntegers("row", "row of tensors");
    MomentColumns perChannel(channels);
    std::vector<std::uint64_t> histogram(statistics.size() * GrowingHistogram::kBins);
    for (const auto& [name, s] : statistics) {
        const auto row = names.size();
        names.push_back(name);
        samples.push_back(static_cast<std::int64_t>(s.samples));
        exponents.push_back(s.histogram.exponent());
        binned.push_back(s.histogram.isEmpty() ? 0 : 1);
        totals.add(s.total);
        for (const Moments& channel : s.channels) {
            owner.push_back(static_cast<std::int64_t>(row));
            perChannel.add(channel);
        }
        std::ranges::copy(s.histogram.counts(),
                          histogram.begin() + static_cast<std::ptrdiff_t>(row * GrowingHistogram::kBins));
    }
    file.table(path + "/tensors", tensors);
    file.table(path + "/channels", channels);
    file.array(path + "/histogram", histogram,
               {static_cast<std::int64_t>(statistics.size()), GrowingHistogram::kBins}, true);
}

core::StatisticsByValue loadStatistics(const Hdf5Reader& file, const std::string& path)
{
    const Table tensors = file.table(path + "/tensors");
    const Table channels = file.table(path + "/channels");
    core::Shape shape;
    const std::vector<std::uint64_t> histogram = file.counts(path + "/histogram", shape);
    const auto& names = tensors.texts("tensor");
    if (shape != core::Shape{static_cast<std::int64_t>(names.size()), GrowingHistogram::kBins}) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("'{}/histogram' is {}, {} tensors of {} bins are expected", path,
                                      core::toString(shape), names.size(), GrowingHistogram::kBins));
    }
    std::vector<core::TensorStatistics> rows(names.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        rows[r].total = momentsOf(tensors, r);
        rows[r].samples = static_cast<std::uint64_t>(tensors.integers("samples")[r]);
        if (tensors.integers("has_histogram")[r] != 0) {
            rows[r].histogram = GrowingHistogram(
                static_cast<int>(tensors.integers("exponent")[r]),
                std::span(histogram).subspan(r * GrowingHistogram::kBins, GrowingHistogram::kBins));
        }
    }
    const auto& owners = channels.integers("row");
    for (std::size_t r = 0; r < owners.size(); ++r) {
        if (owners[r] < 0 || static_cast<std::size_t>(owners[r]) >= rows.size()) {
            throw core::Error(
                core::ErrorKind::FileFormat,
                fmt::format("'{}/channels' names tensor {} of {}", path, owners[r], rows.size()));
        }
        rows[static_cast<std::size_t>(owners[r])].channels.push_back(momentsOf(channels, r));
    }
    core::StatisticsByValue result;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        result.emplace(names[r], std::move(rows[r]));
    }
    return result;
}

} // namespace io
