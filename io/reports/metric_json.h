#pragma once

#include "core/report/report.h"

#include <nlohmann/json.hpp>

namespace io {

/// {"lower", "upper", "method", "n"}, null for none.
[[nodiscard]] nlohmann::ordered_json intervalToJson(const std::optional<core::ConfidenceInterval>& interval);

/// {"value", "interval"}.
[[nodiscard]] nlohmann::ordered_json estimateToJson(const core::MetricEstimate& estimate);

/// The part "metric" of a report.
[[nodiscard]] nlohmann::ordered_json metricToJson(const core::MetricReport& metric);

/// The part "accuracy".
[[nodiscard]] nlohmann::ordered_json accuracyToJson(const core::Accuracy& accuracy);

} // namespace io
