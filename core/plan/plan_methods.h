#pragma once

#include "core/calibration/method.h"
#include "core/plan/plan.h"

#include <vector>

namespace core {

/// Every method that the plan names for activations, in its defaults, types, operators and inputs.
[[nodiscard]] std::vector<CalibrationMethod> activationMethods(const QuantizationPlan& plan);

} // namespace core
