#include "core/network/dead_channels.h"

#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"

#include <algorithm>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

struct Found
{
    std::vector<std::int32_t> all;
    std::vector<std::int32_t> calibrated;
    std::uint64_t samples = 0;
};

Found deadOf(ValueId id, std::size_t channels, ZeroDeadChannels wish,
             const std::vector<std::vector<Interval>>& intervals,
             const std::vector<TensorStatistics>& statistics)
{
    Found found;
    const std::vector<Interval>& bounds = intervals[indexOf(id)];
    const bool isAsked = wish.kind == ZeroDeadChannels::Kind::Calibrated && indexOf(id) < statistics.size();
    const std::vector<Moments> seen = isAsked ? statistics[indexOf(id)].channels : std::vector<Moments>{};
    for (std::size_t c = 0; c < channels; ++c) {
        const bool isProven = bounds.size() == channels && bounds[c] == Interval{0.0, 0.0};
        const bool isSeen = seen.size() == channels && seen[c].count > 0 && seen[c].count == seen[c].zeros
            && seen[c].nans == 0 && seen[c].infinities == 0;
        if (isProven || isSeen) {
            found.all.push_back(static_cast<std::int32_t>(c));
        }
        if (isSeen && !isProven) {
            found.calibrated.push_back(static_cast<std::int32_t>(c));
        }
    }
    found.samples = isAsked ? statistics[indexOf(id)].samples : 0;
    return found;
}

bool cannotFallBelowZero(const Operator& op)
{
    return op.activation.kind == Kind::Relu
        || (op.activation.kind == Kind::Clip && op.activation.alpha == 0.0f);
}

} // namespace

DeadChannels deadChannels(const OperatorGraph& graph, const Operator& op, ZeroDeadChannels wish,
                          const std::vector<std::vector<Interval>>& intervals,
                          const std::vector<TensorStatistics>& statistics)
{
    const bool hasWeights =
        isLinear(op.type) && op.constants.size() > 1 && op.constants[1] && !op.constants[0];
    if (wish.kind == ZeroDeadChannels::Kind::Off || !hasWeights || op.constants[1]->rank() < 2
        || graph.value(op.inputs[0]).shape.size() < 2) {
        return {};
    }
    if ((isMatMul(op.type) && (op.constants[1]->rank() != 2 || graph.value(op.inputs[0]).shape.size() != 2))
        || op.node.integer("transA", 0)) {
        return {}; // their channels are not axis 1
    }
    const WeightLayout layout(op.node, *op.constants[1]);
    DeadChannels result;
    const Found sources = deadOf(op.inputs[0], layout.sourceChannels(), wish, intervals, statistics);
    result.sources = sources.all;
    result.calibratedSources = sources.calibrated;
    result.samples = sources.samples;
    if (cannotFallBelowZero(op) && !op.residual) {
        const Found results = deadOf(op.result(), layout.channels(), wish, intervals, statistics);
        result.results = results.all;
        result.calibratedResults = results.calibrated;
        result.samples = std::max(result.samples, results.samples);
    }
    return result;
}

} // namespace core
