#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <string>
#include <vector>

namespace io {

/// The operator that a row names. Throws core::Error(FileFormat) when it does not exist.
[[nodiscard]] core::LayerReport& layerAt(std::vector<core::LayerReport>& layers, std::int64_t index);

// Tables of a report that hold several rows for an operator; `operator` is its row in the table `operators`.
// Loading throws core::Error(FileFormat) when a row names an operator that does not exist.

void saveNodes(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadNodes(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers);

/// How activation and weights are quantized: `quantization` (a row for each), `params`, `thresholds`.
void saveQuantization(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadQuantization(const Hdf5Reader& file, const std::string& path,
                      std::vector<core::LayerReport>& layers);

/// `worst_channels`, and `channels` with isolated and accumulated errors.
void saveChannels(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadChannels(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers);

/// Accumulated error of each sample.
void saveSamples(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadSamples(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers);

/// Codes that occur, with their counts.
void saveCodes(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadCodes(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers);

} // namespace io
