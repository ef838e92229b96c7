#pragma once

#include "core/base/fingerprint.h"
#include "core/base/memory_budget.h"
#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/weight_quantization.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace core {

[[nodiscard]] Fingerprint fingerprintOf(const QuantizationParams& params);

/// Weights already quantized, by what they depend on; shared between runs, within the budget of a session.
class WeightCache
{
public:
    explicit WeightCache(std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>())
        : m_entries(std::move(budget))
    {
    }
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
    /// Shifted weights hold those they were made from: whose address stands for them in the key.
    struct Entry
    {
        std::shared_ptr<const QuantizedWeights> weights;
        std::shared_ptr<const QuantizedWeights> source;
    };
    BudgetedCache<Entry> m_entries;
    std::optional<std::vector<std::vector<Interval>>> m_intervals;
};

} // namespace core
