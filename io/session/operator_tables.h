#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <string>
#include <vector>

namespace io {

/// The operators of a report below `path`: table `operators` and the tables that name its rows.
void saveOperators(Hdf5Writer& file, const std::string& path, const core::Report& report);
[[nodiscard]] std::vector<core::LayerReport> loadOperators(const Hdf5Reader& file, const std::string& path);

} // namespace io
