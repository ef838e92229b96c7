#pragma once

#include "core/metrics/metric.h"

namespace core {

/// Percent of samples that find one of their own among the k others whose outputs have the greatest cosine
/// with theirs. Their own are those of the same label, samples without another one left out; without labels
/// the one other that is nearest by FP32's outputs. A resample draws queries; what is searched stays all
/// samples.
[[nodiscard]] MetricPtr makeRecallAtK(std::size_t k);

} // namespace core
