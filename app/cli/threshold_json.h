#pragma once

#include "core/calibration/collector.h"
#include "core/calibration/method.h"
#include "core/statistics/statistics.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cli {

using ThresholdJson = nlohmann::ordered_json;

/// "a,b,…" or "all": every method that chooses from data, with its default parameter, and the user's own.
/// Throws core::Error(Usage).
[[nodiscard]] std::vector<core::CalibrationMethod> methodsOf(const std::string& text,
                                                             const core::CustomMethods& custom);

/// Counts and moments of a tensor; null where a number is not finite.
[[nodiscard]] ThresholdJson momentsToJson(const core::TensorStatistics& statistics);

/// By method: its range, and what that is expected to cost; of MXNet's and ONNX Runtime's entropy also the
/// divergence in nats (null: none was finite), candidates and those without a divergence. {} for a tensor
/// without a finite value. A method that looks at samples in data order and was given none says
/// `from_merged_histogram`, or is left out.
[[nodiscard]] ThresholdJson thresholdsToJson(const core::TensorStatistics& statistics,
                                             const std::vector<core::CalibrationMethod>& methods,
                                             const core::CalibrationTarget& target);

} // namespace cli
