#pragma once

#include "core/calibration/method.h"

#include <stop_token>
#include <vector>

namespace core {

/// What one method would choose for a tensor, and what that is expected to cost.
struct MethodOutcome
{
    CalibrationMethod method;
    Range range;
    QuantizationParams params;
    QuantizationCost cost;
};

/// Every method of calibrationMethods() with its default parameter, in that order; methods that need a range
/// given are left out. Empty when the tensor has no finite value, or when stopped.
[[nodiscard]] std::vector<MethodOutcome> compareMethods(const TensorStatistics& statistics,
                                                        const CalibrationTarget& target,
                                                        const std::stop_token& stop = {});

} // namespace core
