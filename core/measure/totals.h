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

private:
    void addOutputs(const SamplePartial& partial);

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
