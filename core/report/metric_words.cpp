#include "core/report/metric_words.h"

#include "core/report/precision_word.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

std::string withInterval(const std::string& value, const std::optional<ConfidenceInterval>& interval)
{
    return interval ? fmt::format("{}, {}", value, intervalWords(*interval)) : value;
}

std::string lossWords(const MetricInfo& info, const MetricEstimate& drop)
{
    if (!drop.value) {
        return "-";
    }
    const std::string number =
        info.unit == "%" ? fmt::format("{:.2f} points", *drop.value) : metricValueWords(info, drop.value);
    return withInterval(number, drop.interval);
}

void addTelling(std::vector<std::string>& lines, const MetricEstimate& drop,
                std::optional<std::size_t> needed)
{
    if (const std::string words = tellingWords(drop, needed); !words.empty()) {
        lines.push_back("  " + words);
    }
}

} // namespace

std::string intervalWords(const ConfidenceInterval& interval)
{
    const double width = interval.upper - interval.lower;
    const int digits = width >= 0.1 || width == 0.0 ? 2 : width >= 0.001 ? 4 : 6;
    return fmt::format("95 %: {:.{}f} … {:.{}f} ({}, n = {})", interval.lower, digits, interval.upper, digits,
                       interval.method, interval.n);
}

std::string metricValueWords(const MetricInfo& info, std::optional<double> value)
{
    if (!value) {
        return "-";
    }
    return info.unit == "%" ? fmt::format("{:.2f} %", *value)
        : info.unit.empty() ? fmt::format("{:.5g}", *value)
                            : fmt::format("{:.5g} {}", *value, info.unit);
}

std::vector<std::string> accuracyLines(const Report& report)
{
    std::vector<std::string> lines;
    if (!report.accuracy || !report.accuracy->labelled || !report.accuracy->intervals.top1Drop) {
        return lines;
    }
    const Accuracy& a = *report.accuracy;
    const MetricEstimate drop{a.fp32.top1 - a.quantized.top1, a.intervals.top1Drop};
    lines.push_back(fmt::format("top-1 lost {:.2f} points, {}", *drop.value, intervalWords(*drop.interval)));
    addTelling(lines, drop, neededSamples(*drop.value, *drop.interval));
    return lines;
}

std::vector<std::string> metricLines(const MetricReport& metric, std::string_view precision)
{
    const MetricInfo& info = metric.info;
    std::vector<std::string> lines;
    lines.push_back(
        fmt::format("{} ({}, {} is better, truth: {}): FP32 {}; {} {}", info.name, info.kind,
                    info.higherIsBetter ? "higher" : "lower", metric.isAgainstFloat ? "FP32" : "labels",
                    withInterval(metricValueWords(info, metric.fp32.value), metric.fp32.interval), precision,
                    withInterval(metricValueWords(info, metric.quantized.value), metric.quantized.interval)));
    lines.push_back(fmt::format("{} lost {}", info.name, lossWords(info, metric.drop)));
    addTelling(lines, metric.drop, metric.neededItems);
    constexpr double kWhole = 99.999;
    if (metric.isAgainstFloat && info.unit == "%" && info.higherIsBetter
        && metric.fp32.value.value_or(100.0) < kWhole) {
        lines.emplace_back(
            "  FP32 does not agree with itself: the outputs are not written as the metric reads "
            "them (form, size, layout, anchors not decoded yet)");
    }
    std::string parts;
    constexpr std::size_t kMostParts = 8;
    for (std::size_t i = 0; i < std::min(metric.parts.size(), kMostParts); ++i) {
        const PartReport& part = metric.parts[i];
        if (part.quantized) {
            parts += fmt::format("{}{} {} -> {}", parts.empty() ? "  " : "; ", part.name,
                                 metricValueWords(info, part.fp32), metricValueWords(info, part.quantized));
        }
    }
    if (!parts.empty()) {
        lines.push_back(parts);
    }
    if (!metric.slices.empty() && metric.slices[0].drop.value.value_or(0.0) > 0.0) {
        const SliceReport& slice = metric.slices[0];
        const bool tells = slice.drop.interval && slice.drop.interval->lower > 0.0;
        lines.push_back(fmt::format("  lost most: {} '{}' ({} sample{}): {}{}", slice.column, slice.value,
                                    slice.items, slice.items == 1 ? "" : "s", lossWords(info, slice.drop),
                                    tells ? "" : ", which may be chance"));
    }
    return lines;
}

} // namespace core
