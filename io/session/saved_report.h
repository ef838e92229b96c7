#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <memory>
#include <string>

namespace io {

/// A report below `path`: table `operators` (a row each; errors with their units), tables that name an
/// operator by its row (`nodes`, `params`, `thresholds`, `worst_channels`, `channels`, `samples`, `codes`),
/// and tables `outputs`, `predictions`, `warnings`. Numbers keep every bit; NaN stands for "none". The plan
/// is not part of it: load() takes the one it belongs to, and whether the file is of a version that has
/// intervals and metrics (saveMetric()).
void saveReport(Hdf5Writer& file, const std::string& path, const core::Report& report);
[[nodiscard]] std::shared_ptr<const core::Report>
loadReport(const Hdf5Reader& file, const std::string& path,
           std::shared_ptr<const core::QuantizationPlan> plan, bool hasMetric);

} // namespace io
