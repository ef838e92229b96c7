#pragma once

#include "core/base/memory_budget.h"
#include "core/execution/pipeline.h"
#include "core/network/equalization.h"
#include "core/network/sequence.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/results.h"
#include "core/report/run_results.h"
#include "core/statistics/statistics.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace core {

/// Everything that depends on how the graph is fused, and on nothing else of a plan.
struct FusedNetwork
{
    explicit FusedNetwork(const std::shared_ptr<MemoryBudget>& budget)
        : accumulated(budget)
        , isolated(budget)
        , outputs(budget)
        , sensitivity(budget)
        , weights(budget)
    {
    }

    FusionOptions options;
    std::unique_ptr<Pipeline> pipeline;
    std::vector<StateLink> states;
    Fingerprint traceKey;
    std::vector<TensorStatistics> calibration; ///< by ValueId
    std::shared_ptr<const StatisticsByValue> calibrationByName; ///< the same
    std::vector<TensorStatistics> evaluation;
    std::set<std::string> collected; ///< methods that took samples of the calibration data
    double calibrationMs = 0.0;
    std::vector<double> fp32Microseconds; ///< per sample, by OperatorId
    ResultCache<AccumulatedResult> accumulated;
    ResultCache<IsolatedResult> isolated;
    ResultCache<OutputResult> outputs;
    ResultCache<std::vector<kernels::ErrorSums>> sensitivity;
    WeightCache weights;
};

/// Empty where nothing is to be equalized, however a plan says so.
[[nodiscard]] EqualizationWishes equalizationOf(const QuantizationPlan& plan);
[[nodiscard]] FusionOptions fusionOf(const QuantizationPlan& plan);
/// The same where selectors may say what is fused or equalized: they are bound to the graph as it is fused
/// without them.
[[nodiscard]] FusionOptions fusionOf(const QuantizationPlan& plan, const std::shared_ptr<const Graph>& graph);

/// Of the values that the graph computes and that were measured.
[[nodiscard]] std::shared_ptr<const StatisticsByValue>
byName(const OperatorGraph& graph, const std::vector<TensorStatistics>& statistics);
/// Inverse of byName; empty when a value that the graph computes is missing.
[[nodiscard]] std::vector<TensorStatistics> byValue(const OperatorGraph& graph,
                                                    const StatisticsByValue& named);

} // namespace core
