#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <string>

namespace io {

/// Confidence intervals and the user's own number of a report, below `path`: table `estimates` (a row each:
/// of what, of which output or slice, value, bounds, method, n) and tables `metric` (no row or one),
/// `metric_parts`, `metric_slices`, `metric_worst`.
void saveMetric(Hdf5Writer& file, const std::string& path, const core::Report& report);
/// Into a report that has its accuracy and outputs. Throws core::Error(FileFormat) where a row says what is
/// not there.
void loadMetric(const Hdf5Reader& file, const std::string& path, core::Report& report);

} // namespace io
