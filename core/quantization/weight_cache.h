#pragma once

#include "core/base/fingerprint.h"
#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/weight_quantization.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace core {

[[nodiscard]] Fingerprint fingerprintOf(const QuantizationParams& params);

/// Weights already quantized, by what they depend on; shared between runs.
class WeightCache
{
public:
    std::shared_ptr<const QuantizedWeights> get(const Operator& op, const WeightSettings& settings,
                                                const QuantizationParams* src, std::size_t operand,
                                                const DeadChannels& dead = {});
    /// The same with real numbers added to the bias (withBiasShift).
    std::shared_ptr<const QuantizedWeights> shifted(const std::shared_ptr<const QuantizedWeights>& weights,
                                                    const Operator& op, const QuantizationParams& src,
                                                    const std::vector<float>& shift);
    /// channelIntervals() of the graph that this cache serves.
    const std::vector<std::vector<Interval>>& intervals(const OperatorGraph& graph);

private:
    std::map<Fingerprint, std::shared_ptr<const QuantizedWeights>> m_entries;
    std::optional<std::vector<std::vector<Interval>>> m_intervals;
};

} // namespace core
