#pragma once

#include "core/report/results.h"

#include <stop_token>
#include <string>

namespace io {

/// The whole run as one HTML page that needs no network: summary, the worst operators with their causes, the
/// error profile, distributions of the worst with the thresholds of every method, all operators (sortable),
/// plan, data, warnings. Light and dark follow the reader's system. The same results give the same bytes,
/// timings aside. Comparing all methods on every tensor takes some time; empty when stopped.
[[nodiscard]] std::string reportToHtml(const core::Results& results, const std::stop_token& stop = {});

} // namespace io
