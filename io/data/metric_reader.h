#pragma once

#include "core/metrics/metric_task.h"
#include "core/tensor/dataset.h"
#include "io/data/description.h"
#include "io/data/input_source.h"

#include <memory>

namespace io {

/// Throws core::Error naming file and key where a "metric" object is not one. Files that it names are not
/// opened.
void checkMetric(const MetricDescription& metric, const std::string& file);

/// The metric of a description with the truth of every item. `input` is the network's first input, `custom`
/// are the metrics of the user's own settings.
/// Throws core::Error naming file and key, or the file of labels and its row.
[[nodiscard]] std::shared_ptr<const core::MetricTask>
openMetric(const DataDescription& description, const core::Dataset& data, const InputSource& items,
           const InputSpec& input, const core::CustomMetrics& custom, std::vector<std::string>& warnings);

/// The text of a metric with the paths in it relative to another folder.
[[nodiscard]] std::string metricJson(const MetricDescription& metric, const std::filesystem::path& folder);

} // namespace io
