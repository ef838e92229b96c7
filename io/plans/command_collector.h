#pragma once

#include "core/calibration/collector.h"
#include "io/files/external_command.h"

#include <filesystem>
#include <string>
#include <vector>

namespace io {

/// A calibration method that asks an external command for every tensor: statistics as one JSON object on its
/// standard input, {"range": [min, max]} on its standard output. It is run when the range is first wanted for
/// a target, and its answer kept. Errors (core::Error) name the collector, the command and the tensor.
[[nodiscard]] core::CustomMethod commandMethod(const std::string& name, const std::string& help,
                                               const std::vector<std::string>& command,
                                               const std::filesystem::path& folder,
                                               const CommandLimits& limits);

/// What the command reads: "noisefloor-statistics/1".
[[nodiscard]] std::string statisticsToJson(const core::TensorStatistics& statistics,
                                           const core::CalibrationTarget& target, const std::string& tensor);

} // namespace io
