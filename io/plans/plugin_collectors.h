#pragma once

#include "core/calibration/collector.h"

#include <filesystem>

namespace io {

/// The collectors of every shared library (*.so, in byte order of the names) in a folder, through the C
/// interface of core/calibration/noisefloor_collector.h. A library stays loaded as long as one of its
/// collectors is in use. Throws core::Error(FileFormat) naming the file: no library, no
/// noisefloor_collector_at, another ABI, a name that is no word or taken; core::Error(Io) when the folder
/// cannot be read. What a collector reports as failed is thrown as core::Error(Io) naming collector and
/// tensor.
[[nodiscard]] core::CustomMethods loadPluginCollectors(const std::filesystem::path& folder);

} // namespace io
