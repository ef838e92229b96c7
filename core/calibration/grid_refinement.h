#pragma once

#include "core/calibration/bin_values.h"
#include "core/calibration/method.h"
#include "core/calibration/window_error.h"

#include <span>

namespace core {

/// Error of the occupied bins under the params that chooseActivationParams gives for a range.
[[nodiscard]] double binnedError(std::span<const BinValue> values, const Range& range,
                                 const CalibrationTarget& target, Norm norm);

/// Leaves the grid: with every value kept at its level, the step of least squares is Σ k·x / Σ k²; repeated
/// as long as the L2 error shrinks. The zero point stays. Never worse than the range given.
[[nodiscard]] Range withRefinedStep(std::span<const BinValue> values, const Range& range,
                                    const CalibrationTarget& target);

} // namespace core
