#pragma once

#include "core/report/report.h"

#include <optional>
#include <string>

namespace cli {

/// "metric", "metric_drop", the metric's own kind ("map", "map_drop"), and of these, top1_drop, top5_drop and
/// agreement the ends of their 95 % intervals (".upper", ".lower"); none for another quantity. Throws
/// core::Error(Usage) where the report has no metric or no interval.
[[nodiscard]] std::optional<double> metricQuantity(const core::Report& report, const std::string& quantity);

/// The quantity in words with its interval where it has one; empty otherwise.
[[nodiscard]] std::string quantityWords(const core::Report& report, const std::string& quantity);

} // namespace cli
