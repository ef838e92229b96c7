#pragma once

#include "core/session/ready_network.h"

#include <memory>
#include <vector>

namespace core {

/// What a report says besides what was measured.
struct ReportSource
{
    const ModelInfo& model;
    const DataSource& data;
    std::size_t samples = 0; ///< evaluated
    int threads = 0; ///< as asked for
};

/// What was measured of a network under a plan, by OperatorId; `evaluation` by ValueId.
struct MeasuredResults
{
    std::vector<std::shared_ptr<const AccumulatedResult>> accumulated;
    std::vector<std::shared_ptr<const IsolatedResult>> isolated; ///< null: none
    std::shared_ptr<const OutputResult> outputs;
    std::vector<TensorStatistics> evaluation;
    std::vector<double> fp32Microseconds; ///< per sample
};

/// Null and empty where nothing is known yet.
[[nodiscard]] MeasuredResults knownResults(const ReadyNetwork& ready);
/// With what a task found out in place of what it asked for.
[[nodiscard]] MeasuredResults withOutput(MeasuredResults known, const EvaluationTask& task,
                                         EvaluationOutput&& output);

/// Of results that are whole. Without timing.analysisMsPerSample.
[[nodiscard]] std::shared_ptr<Report> assembleReport(const ReadyNetwork& ready,
                                                     const MeasuredResults& measured,
                                                     std::shared_ptr<const QuantizationPlan> plan,
                                                     const ReportSource& source);

} // namespace core
