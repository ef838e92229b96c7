#pragma once

#include "core/metrics/metric.h"

namespace core {

/// Percent of samples whose class is among the k largest elements of the output, the lower index first among
/// equals. Truth: the label; of FP32 its first class. An output with NaN hits nothing.
[[nodiscard]] MetricPtr makeTopK(std::int64_t k);

} // namespace core
