#include "app/cli/fail_if_metric.h"

#include "core/base/error.h"
#include "core/report/metric_words.h"
#include "core/report/non_finite.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace cli {

namespace {

enum class QuantityEnd
{
    Estimate,
    Lower,
    Upper
};

struct AskedQuantity
{
    std::string base;
    QuantityEnd end = QuantityEnd::Estimate;
};

AskedQuantity askedOf(const std::string& quantity)
{
    if (quantity.ends_with(".upper")) {
        return {quantity.substr(0, quantity.size() - 6), QuantityEnd::Upper};
    }
    return quantity.ends_with(".lower")
        ? AskedQuantity{quantity.substr(0, quantity.size() - 6), QuantityEnd::Lower}
        : AskedQuantity{quantity};
}

/// What a name stands for; none where it is no quantity with an interval.
std::optional<core::MetricEstimate> estimateOf(const core::Report& report, const std::string& base)
{
    if (const auto& a = report.accuracy) {
        if (base == "agreement") {
            return core::MetricEstimate{a->top1Agreement, a->intervals.agreement};
        }
        if (a->labelled && base == "top1_drop") {
            return core::MetricEstimate{a->fp32.top1 - a->quantized.top1, a->intervals.top1Drop};
        }
        if (a->labelled && base == "top5_drop") {
            return core::MetricEstimate{a->fp32.top5 - a->quantized.top5, a->intervals.top5Drop};
        }
    }
    const bool isAny = base == "metric" || base == "metric_drop";
    if (!report.metric) {
        if (isAny) {
            throw core::Error(
                core::ErrorKind::Usage,
                fmt::format("--fail-if: '{}' needs a \"metric\" in the data description", base));
        }
        return std::nullopt;
    }
    const core::MetricReport& metric = *report.metric;
    if (base == "metric" || base == metric.info.kind) {
        return metric.quantized;
    }
    return base == "metric_drop" || base == metric.info.kind + "_drop" ? std::optional(metric.drop)
                                                                       : std::nullopt;
}

} // namespace

std::optional<double> metricQuantity(const core::Report& report, const std::string& quantity)
{
    const AskedQuantity asked = askedOf(quantity);
    const bool isOfClasses = asked.base.starts_with("top") || asked.base == "agreement";
    if (isOfClasses && asked.end == QuantityEnd::Estimate && report.accuracy) {
        return std::nullopt; // the number itself, as it always was
    }
    const auto estimate = estimateOf(report, asked.base);
    if (!estimate) {
        return std::nullopt;
    }
    const bool isDrop = asked.base.ends_with("_drop");
    const bool met =
        std::ranges::any_of(report.outputs, [](const auto& o) { return core::isNonFinite(o.error); });
    if (met && isDrop) {
        return std::numeric_limits<double>::infinity();
    }
    if (!estimate->value || (asked.end != QuantityEnd::Estimate && !estimate->interval)) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--fail-if: '{}' has no {} here", quantity,
                                      estimate->value ? "interval" : "finite value"));
    }
    return asked.end == QuantityEnd::Estimate ? *estimate->value
        : asked.end == QuantityEnd::Lower     ? estimate->interval->lower
                                              : estimate->interval->upper;
}

std::string quantityWords(const core::Report& report, const std::string& quantity)
{
    const auto estimate = estimateOf(report, askedOf(quantity).base);
    if (!estimate || !estimate->value) {
        return {};
    }
    return fmt::format("{} is {:.4g}{}", askedOf(quantity).base, *estimate->value,
                       estimate->interval ? ", " + core::intervalWords(*estimate->interval) : "");
}

} // namespace cli
