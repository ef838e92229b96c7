#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <string>
#include <vector>

namespace io {

/// Sums that did not fit into narrow accumulators, by channel.
void saveSaturation(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadSaturation(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers);

} // namespace io
