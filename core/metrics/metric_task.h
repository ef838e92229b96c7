#pragma once

#include "core/metrics/metric.h"

#include <string>
#include <vector>

namespace core {

/// What samples are grouped by: a column of labels, a folder.
struct SliceColumn
{
    std::string name;
    std::vector<std::string> values; ///< by item
};

/// What a session measures besides errors.
struct MetricTask
{
    MetricPtr metric;
    std::vector<std::string> outputs; ///< names, in the order the metric reads them
    std::vector<Truth> truths; ///< by item of the evaluation data; empty: FP32 is the truth
    bool usesClassLabels = false; ///< the truth is the label of each item, as the samples carry it
    std::vector<SliceColumn> slices;
    std::size_t itemsPerSample = 1; ///< of a static batch

    [[nodiscard]] bool isAgainstFloat() const { return truths.empty() && !usesClassLabels; }
};

} // namespace core
