#include "core/calibration/cost_curve.h"

#include <algorithm>

namespace core {

std::vector<CostPoint> costCurve(const TensorStatistics& statistics, const CalibrationTarget& target,
                                 Range range, int points, const std::stop_token& stop)
{
    std::vector<CostPoint> curve;
    const double low = std::min(0.0, static_cast<double>(statistics.total.min));
    const double high = std::max(0.0, static_cast<double>(statistics.total.max));
    if (statistics.total.count == 0 || low == high) {
        return curve;
    }
    const auto add = [&](double threshold) {
        Range moved = range;
        (threshold < 0.0 ? moved.min : moved.max) = threshold;
        if (target.scheme == Scheme::Symmetric) {
            moved = {-std::abs(threshold), std::abs(threshold)};
        }
        const QuantizationParams params = chooseActivationParams(moved, target.scheme, target.bits);
        curve.push_back({threshold, quantizationCost(statistics, params)});
    };
    for (int i = -points; i <= points; ++i) {
        if (stop.stop_requested()) {
            return {};
        }
        const double side = i < 0 ? -low : high;
        if (i != 0 && side > 0.0) {
            add(side * i / points);
        }
    }
    return curve;
}

} // namespace core
