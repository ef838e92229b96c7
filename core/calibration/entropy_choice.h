#pragma once

#include "core/calibration/entropy_search.h"
#include "core/calibration/method.h"

#include <optional>

namespace core {

/// MXNet's final search on a histogram symmetric about zero; 0 is the lower end for non-negative data.
[[nodiscard]] EntropyChoice searchMxnetEntropy(const FixedHistogram& histogram,
                                               const TensorStatistics& statistics,
                                               const CalibrationTarget& target);

/// How the searches of MXNet and ONNX Runtime got to the range that calibrate() gives: divergence and number
/// of candidates, as MXNet's logger has them. None for other methods and for tensors without a value.
[[nodiscard]] std::optional<EntropyChoice> entropyChoiceOf(const TensorStatistics& statistics,
                                                           const CalibrationMethod& method,
                                                           const CalibrationTarget& target);

} // namespace core
