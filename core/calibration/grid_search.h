#pragma once

#include "core/calibration/method.h"
#include "core/calibration/window_error.h"

namespace core {

/// The range whose real quantizer (0 a level, params as chooseActivationParams gives them) has the smallest
/// error over the histogram, values at binValues(): exact over all ranges of whole bins, and never worse than
/// min-max. For L2 the best ranges are then searched between the bins too, and their steps refined off any
/// grid. Above 10 bits, where steps are finer than bins, rounding counts as uniform noise.
[[nodiscard]] Range bestRangeOnGrid(const TensorStatistics& statistics, const CalibrationTarget& target,
                                    Norm norm);

} // namespace core
