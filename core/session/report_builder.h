#pragma once

#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/report.h"
#include "core/report/run_results.h"
#include "core/statistics/statistics.h"

#include <memory>

namespace core {

/// What is known of one operator after a run.
struct LayerFacts
{
    std::shared_ptr<const AccumulatedResult> accumulated;
    std::shared_ptr<const IsolatedResult> isolated;
    double fp32Microseconds = 0.0; ///< per sample
    Range spanned; ///< FP32 min and max over the evaluation data
};

[[nodiscard]] std::shared_ptr<const LayerReport> makeLayerReport(const OperatorGraph& graph, OperatorId id,
                                                                 const ResolvedPlan& plan,
                                                                 const Executable& form,
                                                                 const LayerFacts& facts);

/// Warnings in graph order: non-finite values, weights whose scale the bias decides.
[[nodiscard]] std::vector<std::string> graphWarnings(const OperatorGraph& graph, const ResolvedPlan& plan,
                                                     const std::vector<TensorStatistics>& calibration);

} // namespace core
