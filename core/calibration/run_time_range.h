#pragma once

#include "core/calibration/method.h"

#include <span>

namespace core {

/// Whether a method chooses the range from each tensor at run time.
[[nodiscard]] bool isRunTime(const CalibrationMethod& method);

/// The range that such a method takes from a tensor itself, 0 included: dynamic its minimum and maximum,
/// dynamic:l2 and dynamic:p99 DNNLOWP's search on 2^(bits + 3) equal bins between them (Int8GenQuantParams,
/// NormMinimization and P99 on a static histogram). NaN and infinities are left out.
[[nodiscard]] Range runTimeRange(std::span<const float> values, const CalibrationMethod& method,
                                 const CalibrationTarget& target);

} // namespace core
