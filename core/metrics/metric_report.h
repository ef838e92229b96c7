#pragma once

#include "core/metrics/interval.h"
#include "core/metrics/metric_task.h"

namespace core {

struct MetricEstimate
{
    std::optional<double> value; ///< none: these samples do not tell it, or it is infinite
    std::optional<ConfidenceInterval> interval;
};

/// What both pipelines say of each item, in order.
struct MetricEvidence
{
    std::vector<Evidence> fp32;
    std::vector<Evidence> quantized;
};

struct PartReport
{
    std::string name;
    std::optional<double> fp32;
    std::optional<double> quantized;
};

struct SliceReport
{
    std::string column;
    std::string value;
    std::size_t items = 0;
    MetricEstimate fp32;
    MetricEstimate quantized;
    MetricEstimate drop;
};

struct ItemLoss
{
    std::size_t item = 0;
    double loss = 0.0; ///< of the metric over this item alone, in its unit
};

/// The user's own number, of both pipelines.
struct MetricReport
{
    MetricInfo info;
    bool isAgainstFloat = false;
    std::size_t items = 0;
    MetricEstimate fp32;
    MetricEstimate quantized;
    MetricEstimate drop; ///< what quantization loses: positive is worse, whichever way the metric counts
    std::optional<std::size_t>
        neededItems; ///< where the drop's interval spans 0: about so many would tell it
    std::vector<PartReport> parts;
    std::vector<SliceReport>
        slices; ///< the one that lost most first, those whose intervals tell before others
    std::vector<ItemLoss> worst; ///< items that lost most, at most 16
};

/// Proportions get Wilson's and Tango's intervals, everything else the paired bootstrap; where no item
/// differs a loss bounded by 100 % gets the exact bound of a share of which n items showed none (Clopper,
/// Pearson 1934).
[[nodiscard]] MetricReport metricReport(const MetricTask& task, const MetricEvidence& evidence);

/// The loss alone, of searches.
[[nodiscard]] MetricEstimate metricDrop(const MetricTask& task, const MetricEvidence& evidence);

/// "cannot tell at 300 samples; about 5500 would do"; empty where the interval tells a difference.
[[nodiscard]] std::string tellingWords(const MetricEstimate& drop, std::optional<std::size_t> needed);

} // namespace core
