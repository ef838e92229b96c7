#include "core/metrics/metric_report.h"

#include "core/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

namespace core {

namespace {

constexpr std::size_t kSlicesWithIntervals = 12;
constexpr std::size_t kMostSlices = 100;
constexpr std::size_t kWorstItems = 16;

std::optional<double> finite(std::optional<double> value)
{
    return value && std::isfinite(*value) ? value : std::nullopt;
}

double loss(const MetricInfo& info, double fp32, double quantized)
{
    return info.higherIsBetter ? fp32 - quantized : quantized - fp32;
}

std::optional<double> loss(const MetricInfo& info, std::optional<double> fp32,
                           std::optional<double> quantized)
{
    return finite(fp32) && finite(quantized) ? std::optional(loss(info, *fp32, *quantized)) : std::nullopt;
}

/// Of evidence {1} or {0}, items that say nothing left out.
MetricEstimate proportionOf(const std::vector<Evidence>& all)
{
    std::uint64_t n = 0;
    std::uint64_t hits = 0;
    for (const Evidence& e : all) {
        n += e.empty() ? 0 : 1;
        hits += !e.empty() && e[0] != 0.0 ? 1 : 0;
    }
    if (n == 0) {
        return {};
    }
    return {100.0 * static_cast<double>(hits) / static_cast<double>(n), proportionInterval(hits, n)};
}

MetricEstimate proportionDrop(const MetricEvidence& evidence)
{
    std::uint64_t n = 0;
    std::uint64_t only[2] = {0, 0};
    for (std::size_t i = 0; i < evidence.fp32.size(); ++i) {
        if (evidence.fp32[i].empty() || evidence.quantized[i].empty()) {
            continue;
        }
        ++n;
        const bool first = evidence.fp32[i][0] != 0.0;
        const bool second = evidence.quantized[i][0] != 0.0;
        only[0] += first && !second ? 1 : 0;
        only[1] += second && !first ? 1 : 0;
    }
    if (n == 0) {
        return {};
    }
    const double points =
        100.0 * (static_cast<double>(only[0]) - static_cast<double>(only[1])) / static_cast<double>(n);
    return {points, pairedInterval(only[0], only[1], n)};
}

/// A loss whose interval ends at 0 to the bit (no resample gained): no number of samples follows from it.
bool endsAtZero(const MetricEstimate& drop)
{
    return *drop.value != 0.0 && (drop.interval->lower == 0.0 || drop.interval->upper == 0.0);
}

/// What a share may be, in percent, of which n items showed none.
double unseenShare(std::size_t n) { return 100.0 * (1.0 - std::pow(0.025, 1.0 / static_cast<double>(n))); }

std::optional<ConfidenceInterval> intervalOf(const MetricInfo& info, const MetricAggregate& aggregate,
                                             std::size_t n)
{
    auto interval = bootstrapInterval(n, [&](std::span<const double> w) { return aggregate.value(w); });
    if (!interval) {
        return interval;
    }
    interval->method = "bca bootstrap";
    const double perfect = info.higherIsBetter ? 100.0 : 0.0;
    if (info.unit == "%" && interval->lower == interval->upper && interval->lower == perfect) {
        interval->lower = info.higherIsBetter ? perfect - unseenShare(n) : 0.0;
        interval->upper = info.higherIsBetter ? perfect : unseenShare(n);
        interval->method = "exact bound, no sample is wrong";
    }
    return interval;
}

/// Of a share of items that differ, of which none of n did.
ConfidenceInterval nothingDiffers(std::size_t n)
{
    return {-unseenShare(n), unseenShare(n), "exact bound, no sample differs", n};
}

MetricEstimate dropOf(const Metric& metric, const MetricEvidence& evidence, bool isAgainstFloat,
                      std::size_t resamples = 0)
{
    const MetricInfo info = metric.info();
    if (info.isProportion) {
        return proportionDrop(evidence);
    }
    const std::size_t n = evidence.fp32.size();
    const auto first = metric.over(evidence.fp32);
    const auto second = metric.over(evidence.quantized);
    const auto figure = [&](std::span<const double> w) {
        return loss(info, first->value(w), second->value(w));
    };
    MetricEstimate drop{figure(std::vector<double>(n, 1.0)), {}};
    if (!drop.value) {
        return drop;
    }
    if (evidence.fp32 == evidence.quantized) {
        if (info.unit == "%") {
            drop.interval = nothingDiffers(n);
            drop.interval->lower = isAgainstFloat ? 0.0 : drop.interval->lower;
        }
        return drop;
    }
    drop.interval = bootstrapInterval(n, figure, resamples);
    return drop;
}

std::vector<ItemLoss> worstItems(const Metric& metric, const MetricEvidence& evidence)
{
    const MetricInfo info = metric.info();
    std::vector<ItemLoss> all;
    for (std::size_t i = 0; i < evidence.fp32.size(); ++i) {
        if (evidence.fp32[i] == evidence.quantized[i]) {
            continue;
        }
        const auto one = loss(info, valueOfAll(metric, std::span(evidence.fp32).subspan(i, 1)),
                              valueOfAll(metric, std::span(evidence.quantized).subspan(i, 1)));
        if (one && *one > 0.0) {
            all.push_back({i, *one});
        }
    }
    std::ranges::stable_sort(all, std::greater<>{}, &ItemLoss::loss);
    all.resize(std::min(all.size(), kWorstItems));
    return all;
}

MetricEvidence picked(const MetricEvidence& all, const std::vector<std::size_t>& items)
{
    MetricEvidence result;
    for (const std::size_t i : items) {
        result.fp32.push_back(all.fp32[i]);
        result.quantized.push_back(all.quantized[i]);
    }
    return result;
}

std::vector<SliceReport> slicesOf(const MetricTask& task, const MetricEvidence& evidence)
{
    const MetricInfo info = task.metric->info();
    std::vector<std::pair<SliceReport, std::vector<std::size_t>>> all;
    for (const SliceColumn& column : task.slices) {
        std::map<std::string, std::vector<std::size_t>> groups;
        for (std::size_t i = 0; i < std::min(column.values.size(), evidence.fp32.size()); ++i) {
            groups[column.values[i]].push_back(i);
        }
        for (auto& [value, items] : groups) {
            if (groups.size() < 2) {
                break; // a single group is the whole
            }
            const MetricEvidence part = picked(evidence, items);
            SliceReport slice{column.name, value, items.size(), {}, {}, {}};
            slice.fp32.value = finite(valueOfAll(*task.metric, part.fp32));
            slice.quantized.value = finite(valueOfAll(*task.metric, part.quantized));
            slice.drop.value = loss(info, slice.fp32.value, slice.quantized.value);
            all.emplace_back(std::move(slice), std::move(items));
        }
    }
    std::ranges::stable_sort(all, std::greater<>{},
                             [](const auto& slice) { return slice.first.drop.value.value_or(-HUGE_VAL); });
    std::vector<SliceReport> result;
    for (auto& [slice, items] : all) {
        if (result.size() == kMostSlices) {
            break;
        }
        if (result.size() < kSlicesWithIntervals || info.isProportion) {
            constexpr std::size_t kResamples = 500;
            slice.drop = dropOf(*task.metric, picked(evidence, items), task.isAgainstFloat(), kResamples);
        }
        result.push_back(std::move(slice));
    }
    // What a handful of samples may show by chance stands behind what tells.
    std::ranges::stable_partition(result, [](const SliceReport& slice) {
        return slice.drop.interval && slice.drop.interval->lower > 0.0;
    });
    return result;
}

} // namespace

MetricEstimate metricDrop(const MetricTask& task, const MetricEvidence& evidence)
{
    return dropOf(*task.metric, evidence, task.isAgainstFloat());
}

MetricReport metricReport(const MetricTask& task, const MetricEvidence& evidence)
{
    const Metric& metric = *task.metric;
    MetricReport report;
    report.info = metric.info();
    report.isAgainstFloat = task.isAgainstFloat() || report.info.needsFloatTruth;
    report.items = evidence.fp32.size();
    const auto first = metric.over(evidence.fp32);
    const auto second = metric.over(evidence.quantized);
    if (report.info.isProportion) {
        report.fp32 = proportionOf(evidence.fp32);
        report.quantized = proportionOf(evidence.quantized);
    } else {
        const std::vector<double> ones(report.items, 1.0);
        report.fp32.value = finite(first->value(ones));
        report.quantized.value = finite(second->value(ones));
        report.fp32.interval =
            report.isAgainstFloat ? std::nullopt : intervalOf(report.info, *first, report.items);
        report.quantized.interval = intervalOf(report.info, *second, report.items);
    }
    report.drop = dropOf(metric, evidence, report.isAgainstFloat);
    if (report.drop.interval && report.drop.interval->spansZero() && !endsAtZero(report.drop)) {
        report.neededItems = neededSamples(*report.drop.value, *report.drop.interval);
    }
    const auto parts = first->parts();
    for (const MetricPart& part : second->parts()) {
        const auto same = std::ranges::find(parts, part.name, &MetricPart::name);
        report.parts.push_back({part.name, same == parts.end() ? std::nullopt : same->value, part.value});
    }
    report.slices = slicesOf(task, evidence);
    report.worst = worstItems(metric, evidence);
    return report;
}

std::string tellingWords(const MetricEstimate& drop, std::optional<std::size_t> needed)
{
    if (!drop.value || !drop.interval || !drop.interval->spansZero() || endsAtZero(drop)) {
        return {};
    }
    return needed ? fmt::format("cannot tell at {} samples; about {} would do", drop.interval->n, *needed)
                  : fmt::format("no difference at {} samples; the interval says how much may be hidden",
                                drop.interval->n);
}

} // namespace core
