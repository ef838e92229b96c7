#pragma once

#include "core/base/fingerprint.h"
#include "core/execution/executable.h"
#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/metrics/metric_task.h"
#include "core/network/sequence.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/statistics/statistics.h"

#include <memory>
#include <optional>
#include <vector>

namespace core {

/// A calibrated network made ready to run under a plan. Lives no longer than the session that prepared it.
struct PreparedNetwork
{
    std::shared_ptr<const void> network; ///< what the references below belong to
    const Pipeline& pipeline;
    Fingerprint traceKey; ///< of the FP32 values of this graph
    QuantizationPlan wishes;
    ResolvedPlan plan;
    std::vector<Fingerprint>
        keys; ///< by OperatorId: of everything that decides what it writes in the quantized pipeline
    std::vector<std::shared_ptr<const Executable>> forms; ///< by OperatorId
    std::vector<MeasuredOutput> outputs;
    std::optional<ValueId> classifier;
    const std::vector<StateLink>& states;
    const std::vector<TensorStatistics>& statistics; ///< calibration data, by ValueId
    int threads = 0; ///< as SessionOptions
    std::shared_ptr<const MetricTask> metric{}; ///< null: none
    std::vector<ValueId> metricOutputs{}; ///< what it reads

    [[nodiscard]] const OperatorGraph& graph() const { return pipeline.graph(); }
    /// Whether an operator does something of its own in the quantized pipeline: integer or low float, and not
    /// only moving codes about.
    [[nodiscard]] bool isQuantized(std::size_t op) const
    {
        const ResolvedOperator& resolved = plan.operators[op];
        return (resolved.kind != QuantizedKind::None || resolved.effective.isLowFloat())
            && !resolved.inherits;
    }
    /// Whether an operator does anything that FP32 does not.
    [[nodiscard]] bool differsFromFloat(std::size_t op) const;
    /// Every value that is measured at the end: outputs, what classifies, what the metric reads.
    [[nodiscard]] std::vector<ValueId> observedValues() const;
    /// Of everything that decides what the outputs become.
    [[nodiscard]] Fingerprint outputKey() const;
};

} // namespace core
