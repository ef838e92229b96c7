#include "core/session/prepared_plan.h"

#include "core/session/accumulated_keys.h"

#include <utility>

namespace core {

bool PreparedPlan::hasIsolated(std::size_t i) const
{
    const ValueId id = network.pipeline->graph().operators[i].result();
    return plan.operators[i].kind != QuantizedKind::None || plan.operators[i].effective.isLowFloat()
        || plan.values[indexOf(id)].has_value();
}

PreparedPlan preparePlan(FusedNetwork& network, const QuantizationPlan& plan, const DataSource& data)
{
    const OperatorGraph& g = network.pipeline->graph();
    PreparedPlan p{network, resolvePlan(g, plan, network.calibration, network.weights), {}, {}, {}, {}, {}};
    p.keys = accumulatedKeys(g, p.plan, network.traceKey, network.states);
    for (std::size_t i = 0; i < g.operators.size(); ++i) {
        p.forms.push_back(network.pipeline->quantizedForm(OperatorId(i), p.plan));
    }
    p.outputs = measuredOutputs(g, data.labelsOutput, data.evaluation->hasLabels());
    p.classifier = classifierOutput(g, data.labelsOutput);
    FingerprintBuilder key;
    for (const MeasuredOutput& output : p.outputs) {
        key.add(p.keys[indexOf(*g.producerOf[indexOf(output.value)])]);
    }
    p.outputKey = key.finish();
    return p;
}

void keepResults(const PreparedPlan& p, const EvaluationTask& task, EvaluationOutput&& output)
{
    FusedNetwork& network = p.network;
    for (std::size_t i = 0; i < p.keys.size(); ++i) {
        if (task.accumulated[i]) {
            network.accumulated.insert(p.keys[i], output.accumulated[i]);
        }
        if (task.isolated[i]) {
            network.isolated.insert(p.plan.operators[i].isolatedKey, output.isolated[i]);
        }
    }
    if (task.outputs) {
        network.outputs.insert(p.outputKey, output.outputs);
    }
    if (task.statistics) {
        network.evaluation = std::move(output.statistics);
    }
    if (network.fp32Microseconds.empty() && output.fp32Samples > 0) {
        network.fp32Microseconds = std::move(output.fp32Microseconds);
        for (double& time : network.fp32Microseconds) {
            time /= static_cast<double>(output.fp32Samples);
        }
    }
}

} // namespace core
