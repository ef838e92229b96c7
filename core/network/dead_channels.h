#pragma once

#include "core/network/channel_intervals.h"
#include "core/network/operator_graph.h"
#include "core/plan/repair_settings.h"
#include "core/statistics/statistics.h"

#include <cstdint>
#include <vector>

namespace core {

/// Channels of one linear operator that carry nothing but zeros, ascending. With zero weights for such
/// sources, and zero weights and bias for such results, it computes the same.
struct DeadChannels
{
    std::vector<std::int32_t> sources;
    std::vector<std::int32_t> results; ///< of operators whose activation cannot fall below 0
    std::vector<std::int32_t> calibratedSources; ///< of `sources`, those only the calibration data say of
    std::vector<std::int32_t> calibratedResults;
    std::uint64_t samples = 0; ///< that calibrated… were 0 in

    [[nodiscard]] bool isEmpty() const { return sources.empty() && results.empty(); }
    bool operator==(const DeadChannels&) const = default;
};

/// intervals: channelIntervals() of the graph. statistics (by ValueId, over the calibration data) only matter
/// for Kind::Calibrated. Empty for operators without constant weights.
[[nodiscard]] DeadChannels deadChannels(const OperatorGraph& graph, const Operator& op, ZeroDeadChannels wish,
                                        const std::vector<std::vector<Interval>>& intervals,
                                        const std::vector<TensorStatistics>& statistics);

} // namespace core
