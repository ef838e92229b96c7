#include "core/session/ready_network.h"

#include "core/network/selected_operators.h"
#include "core/session/accumulated_keys.h"

#include <utility>

namespace core {

ReadyNetwork makeReady(std::shared_ptr<FusedNetwork> known, const QuantizationPlan& plan,
                       const DataSource& data, int threads)
{
    const Pipeline& pipeline = *known->pipeline;
    const OperatorGraph& g = pipeline.graph();
    QuantizationPlan wishes = boundTo(g, plan);
    ResolvedPlan resolved = resolvePlan(g, wishes, known->calibration, known->weights);
    PreparedNetwork p{known,
                      pipeline,
                      known->traceKey,
                      std::move(wishes),
                      std::move(resolved),
                      {},
                      {},
                      measuredOutputs(g, data.labelsOutput, data.evaluation->hasLabels()),
                      classifierOutput(g, data.labelsOutput),
                      known->states,
                      known->calibration,
                      threads,
                      data.metric,
                      data.metric ? metricOutputs(g, *data.metric) : std::vector<ValueId>{}};
    p.keys = accumulatedKeys(g, p.plan, known->traceKey, known->states);
    for (std::size_t i = 0; i < g.operators.size(); ++i) {
        p.forms.push_back(pipeline.quantizedForm(OperatorId(i), p.plan));
    }
    return {std::move(known), std::move(p)};
}

void keepResults(const ReadyNetwork& ready, const EvaluationTask& task, EvaluationOutput&& output)
{
    FusedNetwork& network = *ready.known;
    const PreparedNetwork& p = ready.network;
    for (std::size_t i = 0; i < p.keys.size(); ++i) {
        if (task.accumulated[i]) {
            network.accumulated.insert(p.keys[i], output.accumulated[i]);
        }
        if (task.isolated[i]) {
            network.isolated.insert(p.plan.operators[i].isolatedKey, output.isolated[i]);
        }
    }
    if (task.outputs) {
        network.outputs.insert(p.outputKey(), output.outputs);
    }
    if (task.statistics) {
        network.evaluation = std::move(output.statistics);
    }
    if (network.fp32Microseconds.empty()) {
        network.fp32Microseconds = output.fp32PerSample();
    }
}

} // namespace core
