#pragma once

#include "core/measure/evaluation.h"
#include "core/measure/output_analysis.h"
#include "core/measure/sample_run.h"

namespace core {

/// Adds what the samples add, in sample order.
class EvaluationTotals
{
public:
    EvaluationTotals(const PreparedNetwork& network, const EvaluationTask& task);

    void add(SamplePartial&& partial);
    [[nodiscard]] EvaluationOutput finish();
    /// What finish() would give if no more samples came; shares nothing with it.
    [[nodiscard]] EvaluationOutput soFar() const;

private:
    void addOutputs(const SamplePartial& partial);
    void conclude(OutputResult& outputs) const;

    struct SquaresOfSamples
    {
        std::vector<double> reference;
        std::vector<double> error;
    };

    const EvaluationTask& m_task;
    EvaluationOutput m_output;
    AccuracyCount m_accuracy;
    std::vector<SquaresOfSamples> m_squares; ///< by measured output, by sample
    std::shared_ptr<const MetricTask> m_metric;
    MetricEvidence m_evidence;
};

} // namespace core
