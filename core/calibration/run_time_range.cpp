#include "core/calibration/run_time_range.h"

#include "core/calibration/dnnlowp_histogram.h"
#include "core/calibration/dynamic_histogram.h"
#include "core/calibration/observed_range.h"

#include <algorithm>
#include <cmath>

namespace core {

bool isRunTime(const CalibrationMethod& method)
{
    return method.name == "dynamic" || method.name.starts_with("dynamic:");
}

Range runTimeRange(std::span<const float> values, const CalibrationMethod& method,
                   const CalibrationTarget& target)
{
    StaticHistogram bins;
    bool isFirst = true;
    for (const float x : values) {
        if (std::isfinite(x)) {
            bins.min = isFirst ? x : std::min(bins.min, x);
            bins.max = isFirst ? x : std::max(bins.max, x);
            isFirst = false;
        }
    }
    const Range whole{std::min(static_cast<double>(bins.min), 0.0),
                      std::max(static_cast<double>(bins.max), 0.0)};
    if (method.name == "dynamic" || bins.min == bins.max) {
        return whole;
    }
    bins.counts.resize(
        static_cast<std::size_t>(std::clamp(1 << (target.bits + 3), kDnnlowpFewestBins, kDnnlowpMostBins)));
    for (const float x : values) {
        if (std::isfinite(x)) {
            bins.add(x);
        }
    }
    const double width = (static_cast<double>(bins.max) - bins.min) / static_cast<double>(bins.counts.size());
    const CalibrationMethod search = method.name == "dynamic:p99"
        ? CalibrationMethod{"p99", method.parameter}
        : CalibrationMethod{"l2:dnnlowp", std::nullopt};
    return observedRange({bins.min, width, {bins.counts.begin(), bins.counts.end()}}, search, target);
}

} // namespace core
