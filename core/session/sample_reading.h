#pragma once

#include "core/measure/prepared_network.h"
#include "core/metrics/metric.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>

namespace core {

/// What both pipelines say of one item, as the metric reads it, for people to look at.
struct SampleReading
{
    std::size_t item = 0;
    Tensor input; ///< the network's first input, row-major
    Shape output; ///< of the first output that the metric reads
    Truth fp32; ///< boxes of at least the metric's truth score, a text, a mask or a class: what it reads
    Truth quantized;
    bool isCharacters = false; ///< Truth::tokens are code points, else class numbers
};

/// Runs both pipelines on the item, states fed back from the start of its sequence. None when stopped.
/// Throws core::Error(Usage) where the data name no metric, and for an item that is not there.
[[nodiscard]] std::optional<SampleReading> readingOf(const PreparedNetwork& network, const Dataset& data,
                                                     std::size_t item, const std::stop_token& stop);

} // namespace core
