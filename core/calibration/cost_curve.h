#pragma once

#include "core/calibration/method.h"

#include <stop_token>
#include <vector>

namespace core {

/// Expected cost when one end of a range lies at `threshold` and the other stays where it is.
struct CostPoint
{
    double threshold = 0.0;
    QuantizationCost cost;
};

/// Costs along the value axis: thresholds below zero move the lower end of `range`, those above zero the
/// upper end (both together for a symmetric target). `points` thresholds per side, evenly spaced over the
/// tensor's own span. A side without values has none. Ascending. Empty when stopped.
[[nodiscard]] std::vector<CostPoint> costCurve(const TensorStatistics& statistics,
                                               const CalibrationTarget& target, Range range, int points,
                                               const std::stop_token& stop = {});

} // namespace core
