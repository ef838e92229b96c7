#pragma once

#include "core/quantization/value_resolver.h"
#include "core/quantization/weight_cache.h"

#include <string>
#include <vector>

namespace core {

/// Quantizes the weights of operators, repairs included, and chooses their arithmetic. Refers to what it is
/// given.
class WeightResolver
{
public:
    WeightResolver(const OperatorGraph& graph, const std::vector<OperatorSettings>& settings,
                   const std::vector<TensorStatistics>& statistics, ValueResolver& values, WeightCache& cache,
                   ResolvedPlan& result)
        : m_graph(graph)
        , m_settings(settings)
        , m_statistics(statistics)
        , m_values(values)
        , m_cache(cache)
        , m_result(result)
    {
    }

    /// Of an operator whose kind is known.
    void addWeights(OperatorId id);
    /// What repairs did, in warnings: one line each.
    void sayRepairs();

private:
    [[nodiscard]] DeadChannels deadOf(const Operator& op, const WeightSettings& settings);
    void correctBias(OperatorId id, const QuantizationParams& src);
    void setArithmetic(OperatorId id);
    /// Of an operator of which only the weights are codes.
    void addLoneWeights(const Operator& op, const WeightSettings& wish, ResolvedOperator& result);
    void addWrittenWeights(const Operator& op, ResolvedOperator& result);
    void addRecurrentWeights(const Operator& op, const WeightSettings& wish, ResolvedOperator& result);

    const OperatorGraph& m_graph;
    const std::vector<OperatorSettings>& m_settings;
    const std::vector<TensorStatistics>& m_statistics;
    ValueResolver& m_values;
    WeightCache& m_cache;
    ResolvedPlan& m_result;
    std::size_t m_corrected = 0; // operators with a corrected bias
    std::vector<std::string> m_uncorrected;
};

} // namespace core
