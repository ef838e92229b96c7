#pragma once

#include "core/network/operator_graph.h"

#include <limits>
#include <vector>

namespace core {

/// Where the values of a channel can lie. Infinite ends: not known.
struct Interval
{
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool operator==(const Interval&) const = default;
};

/// Bounds of every channel (axis 1) of every value, by ValueId, that hold whatever the network is given:
/// interval arithmetic through weights, bias, residual, activation and pooling, from unbounded inputs on.
/// Sums are widened by what FP32 may round, so that they hold for the FP32 pipeline, too. Empty where nothing
/// is known of a value.
[[nodiscard]] std::vector<std::vector<Interval>> channelIntervals(const OperatorGraph& graph);

} // namespace core
