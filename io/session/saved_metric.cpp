#include "io/session/saved_metric.h"

#include "core/base/error.h"
#include "io/session/error_columns.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace io {

namespace {

using core::ConfidenceInterval;
using core::MetricEstimate;
using core::MetricReport;
using core::Report;

/// Where an estimate of that name stands in a report. Values of accuracy and dB stand there already.
struct Place
{
    std::string what;
    std::size_t index = 0; ///< output or slice
    std::optional<double>* value = nullptr;
    std::optional<ConfidenceInterval>* interval = nullptr;
};

void addEstimate(std::vector<Place>& places, const std::string& what, std::size_t index,
                 MetricEstimate& estimate)
{
    places.push_back({what, index, &estimate.value, &estimate.interval});
}

/// Every estimate that a report of this make can hold: the same list writes and reads.
std::vector<Place> placesOf(Report& report, MetricReport* metric)
{
    std::vector<Place> places;
    if (report.accuracy) {
        core::AccuracyIntervals& i = report.accuracy->intervals;
        for (const auto& [what, interval] :
             {std::pair("fp32_top1", &i.fp32Top1), std::pair("quantized_top1", &i.quantizedTop1),
              std::pair("top1_drop", &i.top1Drop), std::pair("top5_drop", &i.top5Drop),
              std::pair("top1_agreement", &i.agreement)}) {
            places.push_back({what, 0, nullptr, interval});
        }
    }
    for (std::size_t o = 0; o < report.outputs.size(); ++o) {
        places.push_back({"output_sqnr", o, nullptr, &report.outputs[o].sqnrInterval});
    }
    if (metric) {
        addEstimate(places, "metric_fp32", 0, metric->fp32);
        addEstimate(places, "metric_quantized", 0, metric->quantized);
        addEstimate(places, "metric_drop", 0, metric->drop);
        for (std::size_t s = 0; s < metric->slices.size(); ++s) {
            addEstimate(places, "slice_fp32", s, metric->slices[s].fp32);
            addEstimate(places, "slice_quantized", s, metric->slices[s].quantized);
            addEstimate(places, "slice_drop", s, metric->slices[s].drop);
        }
    }
    return places;
}

void saveEstimates(Hdf5Writer& file, const std::string& path, const std::vector<Place>& places)
{
    Table table;
    auto& what = table.addTexts("what");
    auto& index = table.addIntegers("index", "output or slice");
    auto& value = table.addReals("value");
    auto& lower = table.addReals("lower");
    auto& upper = table.addReals("upper");
    auto& method = table.addTexts("method");
    auto& n = table.addIntegers("n", "samples; -1: no interval");
    for (const Place& place : places) {
        const bool hasValue = place.value && *place.value;
        if (!hasValue && !*place.interval) {
            continue;
        }
        const ConfidenceInterval none;
        const ConfidenceInterval& interval = *place.interval ? **place.interval : none;
        what.push_back(place.what);
        index.push_back(static_cast<std::int64_t>(place.index));
        value.push_back(orNan(hasValue ? *place.value : std::nullopt));
        lower.push_back(interval.lower);
        upper.push_back(interval.upper);
        method.push_back(interval.method);
        n.push_back(*place.interval ? static_cast<std::int64_t>(interval.n) : -1);
    }
    file.table(path + "/estimates", table);
}

void loadEstimates(const Hdf5Reader& file, const std::string& path, const std::vector<Place>& places)
{
    const Table table = file.table(path + "/estimates");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        const std::string& what = table.texts("what")[r];
        const std::int64_t index = table.integers("index")[r];
        const auto place = std::ranges::find_if(places, [&](const Place& p) {
            return p.what == what && static_cast<std::int64_t>(p.index) == index;
        });
        if (place == places.end()) {
            throw core::Error(
                core::ErrorKind::FileFormat,
                fmt::format("{}/estimates, row {}: '{}' {} is not in the report", path, r, what, index));
        }
        if (place->value) {
            *place->value = unlessNan(table.reals("value")[r]);
        }
        if (const std::int64_t n = table.integers("n")[r]; n >= 0) {
            *place->interval = ConfidenceInterval{table.reals("lower")[r], table.reals("upper")[r],
                                                  table.texts("method")[r], static_cast<std::size_t>(n)};
        }
    }
}

void saveParts(Hdf5Writer& file, const std::string& path, const MetricReport& metric)
{
    Table parts;
    auto& name = parts.addTexts("name");
    auto& fp32 = parts.addReals("fp32", metric.info.unit);
    auto& quantized = parts.addReals("quantized", metric.info.unit);
    for (const core::PartReport& part : metric.parts) {
        name.push_back(part.name);
        fp32.push_back(orNan(part.fp32));
        quantized.push_back(orNan(part.quantized));
    }
    file.table(path + "/metric_parts", parts);

    Table slices;
    auto& column = slices.addTexts("column");
    auto& value = slices.addTexts("value");
    auto& items = slices.addIntegers("items");
    for (const core::SliceReport& slice : metric.slices) {
        column.push_back(slice.column);
        value.push_back(slice.value);
        items.push_back(static_cast<std::int64_t>(slice.items));
    }
    file.table(path + "/metric_slices", slices);

    Table worst;
    auto& item = worst.addIntegers("item");
    auto& loss = worst.addReals("loss", metric.info.unit);
    for (const core::ItemLoss& lost : metric.worst) {
        item.push_back(static_cast<std::int64_t>(lost.item));
        loss.push_back(lost.loss);
    }
    file.table(path + "/metric_worst", worst);
}

void loadParts(const Hdf5Reader& file, const std::string& path, MetricReport& metric)
{
    const Table parts = file.table(path + "/metric_parts");
    for (std::size_t r = 0; r < parts.rows(); ++r) {
        metric.parts.push_back({parts.texts("name")[r], unlessNan(parts.reals("fp32")[r]),
                                unlessNan(parts.reals("quantized")[r])});
    }
    const Table slices = file.table(path + "/metric_slices");
    for (std::size_t r = 0; r < slices.rows(); ++r) {
        core::SliceReport slice;
        slice.column = slices.texts("column")[r];
        slice.value = slices.texts("value")[r];
        slice.items = static_cast<std::size_t>(slices.integers("items")[r]);
        metric.slices.push_back(std::move(slice));
    }
    const Table worst = file.table(path + "/metric_worst");
    for (std::size_t r = 0; r < worst.rows(); ++r) {
        metric.worst.push_back({static_cast<std::size_t>(worst.integers("item")[r]), worst.reals("loss")[r]});
    }
}

} // namespace

void saveMetric(Hdf5Writer& file, const std::string& path, const Report& report)
{
    Table table;
    auto& kind = table.addTexts("kind");
    auto& name = table.addTexts("name");
    auto& unit = table.addTexts("unit");
    auto& higher = table.addIntegers("higher_is_better");
    auto& proportion = table.addIntegers("proportion");
    auto& needsFloat = table.addIntegers("needs_fp32_truth");
    auto& against = table.addIntegers("against_fp32");
    auto& items = table.addIntegers("items");
    auto& needed = table.addIntegers("needed_items", "-1: none");
    Report copy; // the places to fill are those to read
    copy.accuracy = report.accuracy;
    copy.outputs = report.outputs;
    MetricReport metric = report.metric ? *report.metric : MetricReport{};
    if (report.metric) {
        kind.push_back(metric.info.kind);
        name.push_back(metric.info.name);
        unit.push_back(metric.info.unit);
        higher.push_back(metric.info.higherIsBetter ? 1 : 0);
        proportion.push_back(metric.info.isProportion ? 1 : 0);
        needsFloat.push_back(metric.info.needsFloatTruth ? 1 : 0);
        against.push_back(metric.isAgainstFloat ? 1 : 0);
        items.push_back(static_cast<std::int64_t>(metric.items));
        needed.push_back(metric.neededItems ? static_cast<std::int64_t>(*metric.neededItems) : -1);
    }
    file.table(path + "/metric", table);
    saveParts(file, path, metric);
    saveEstimates(file, path, placesOf(copy, report.metric ? &metric : nullptr));
}

void loadMetric(const Hdf5Reader& file, const std::string& path, Report& report)
{
    const Table table = file.table(path + "/metric");
    if (table.rows() == 0) {
        loadEstimates(file, path, placesOf(report, nullptr));
        return;
    }
    MetricReport metric;
    metric.info = {table.texts("kind")[0],
                   table.texts("name")[0],
                   table.texts("unit")[0],
                   table.integers("higher_is_better")[0] != 0,
                   table.integers("proportion")[0] != 0,
                   table.integers("needs_fp32_truth")[0] != 0};
    metric.isAgainstFloat = table.integers("against_fp32")[0] != 0;
    metric.items = static_cast<std::size_t>(table.integers("items")[0]);
    if (const std::int64_t needed = table.integers("needed_items")[0]; needed >= 0) {
        metric.neededItems = static_cast<std::size_t>(needed);
    }
    loadParts(file, path, metric);
    loadEstimates(file, path, placesOf(report, &metric));
    report.metric = std::make_shared<const MetricReport>(std::move(metric));
}

} // namespace io
