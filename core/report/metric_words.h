#pragma once

#include "core/report/report.h"

#include <string>
#include <vector>

namespace core {

/// "95 %: −0.35 … 2.98 (tango, n = 300)".
[[nodiscard]] std::string intervalWords(const ConfidenceInterval& interval);

/// "80.33 %", "31.2 dB", "0.0123", "-" for none.
[[nodiscard]] std::string metricValueWords(const MetricInfo& info, std::optional<double> value);

/// What is lost of top-1, with its interval and whether it tells; empty without labels or intervals.
[[nodiscard]] std::vector<std::string> accuracyLines(const Report& report);

/// The user's own number of both pipelines, what is lost, and where most of it.
[[nodiscard]] std::vector<std::string> metricLines(const MetricReport& metric, std::string_view precision);

} // namespace core
