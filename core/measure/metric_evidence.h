#pragma once

#include "core/measure/prepared_network.h"
#include "core/metrics/metric_report.h"
#include "core/tensor/dataset.h"

#include <functional>

namespace core {

/// What both pipelines' outputs of one execution say, by item. `fp32` and `real` give a value of each, in any
/// layout.
[[nodiscard]] MetricEvidence evidenceOf(const PreparedNetwork& network, std::size_t index,
                                        const Sample& sample, const std::function<Tensor(ValueId)>& fp32,
                                        const std::function<Tensor(ValueId)>& real);

/// Item `item` of a row-major tensor of a static batch, as a batch of one; what is no batch as it is.
[[nodiscard]] Tensor itemOfBatch(const Tensor& whole, std::int64_t item, std::int64_t batch);

void append(MetricEvidence& all, const MetricEvidence& more);

} // namespace core
