#include "io/reports/metric_json.h"

#include "io/files/text_format.h"

namespace io {

namespace {

using MetricJson = nlohmann::ordered_json;

MetricJson sliceToJson(const core::SliceReport& slice)
{
    return {{"column", slice.column},
            {"value", slice.value},
            {"items", slice.items},
            {"fp32", numberOrNull(slice.fp32.value)},
            {"quantized", numberOrNull(slice.quantized.value)},
            {"drop", estimateToJson(slice.drop)}};
}

MetricJson neededOrNull(const std::optional<std::size_t>& needed)
{
    return needed ? MetricJson(*needed) : MetricJson(nullptr);
}

} // namespace

MetricJson intervalToJson(const std::optional<core::ConfidenceInterval>& interval)
{
    return interval ? MetricJson{{"lower", numberOrNull(interval->lower)},
                                 {"upper", numberOrNull(interval->upper)},
                                 {"level", 0.95},
                                 {"method", interval->method},
                                 {"n", interval->n}}
                    : MetricJson(nullptr);
}

MetricJson estimateToJson(const core::MetricEstimate& estimate)
{
    return {{"value", numberOrNull(estimate.value)}, {"interval", intervalToJson(estimate.interval)}};
}

MetricJson accuracyToJson(const core::Accuracy& a)
{
    MetricJson json;
    json["samples"] = a.samples;
    if (a.labelled) {
        json["fp32"] = {{"top1", numberOrNull(a.fp32.top1)}, {"top5", numberOrNull(a.fp32.top5)}};
        json["quantized"] = {{"top1", numberOrNull(a.quantized.top1)},
                             {"top5", numberOrNull(a.quantized.top5)},
                             {"ties", a.ties}};
    } else {
        json["fp32"] = nullptr;
        json["quantized"] = {{"ties", a.ties}};
    }
    json["top1_agreement"] = numberOrNull(a.top1Agreement);
    const core::AccuracyIntervals& i = a.intervals;
    json["intervals"] = {{"top1_agreement", intervalToJson(i.agreement)}};
    if (a.labelled && i.top1Drop) {
        const double drop = a.fp32.top1 - a.quantized.top1;
        json["intervals"]["fp32_top1"] = intervalToJson(i.fp32Top1);
        json["intervals"]["quantized_top1"] = intervalToJson(i.quantizedTop1);
        json["top1_drop"] = estimateToJson({drop, i.top1Drop});
        json["top1_drop"]["needed_samples"] =
            neededOrNull(i.top1Drop->spansZero() ? core::neededSamples(drop, *i.top1Drop) : std::nullopt);
        json["top5_drop"] = estimateToJson({a.fp32.top5 - a.quantized.top5, i.top5Drop});
    }
    return json;
}

MetricJson metricToJson(const core::MetricReport& metric)
{
    MetricJson json{{"kind", metric.info.kind},
                    {"name", metric.info.name},
                    {"unit", metric.info.unit},
                    {"higher_is_better", metric.info.higherIsBetter},
                    {"truth", metric.isAgainstFloat ? "fp32" : "labels"},
                    {"items", metric.items},
                    {"fp32", estimateToJson(metric.fp32)},
                    {"quantized", estimateToJson(metric.quantized)},
                    {"drop", estimateToJson(metric.drop)},
                    {"parts", MetricJson::array()},
                    {"slices", MetricJson::array()},
                    {"worst", MetricJson::array()}};
    json["drop"]["needed_samples"] = neededOrNull(metric.neededItems);
    for (const core::PartReport& part : metric.parts) {
        json["parts"].push_back({{"name", part.name},
                                 {"fp32", numberOrNull(part.fp32)},
                                 {"quantized", numberOrNull(part.quantized)}});
    }
    for (const core::SliceReport& slice : metric.slices) {
        json["slices"].push_back(sliceToJson(slice));
    }
    for (const core::ItemLoss& item : metric.worst) {
        json["worst"].push_back({{"item", item.item}, {"loss", numberOrNull(item.loss)}});
    }
    return json;
}

} // namespace io
