#include "core/measure/prepared_network.h"

namespace core {

bool PreparedNetwork::differsFromFloat(std::size_t op) const
{
    const ValueId id = graph().operators[op].result();
    return plan.operators[op].kind != QuantizedKind::None || plan.operators[op].effective.isLowFloat()
        || plan.values[indexOf(id)].has_value();
}

std::vector<ValueId> PreparedNetwork::observedValues() const
{
    std::vector<ValueId> result;
    for (const MeasuredOutput& output : outputs) {
        result.push_back(output.value);
    }
    if (classifier) {
        result.push_back(*classifier);
    }
    result.insert(result.end(), metricOutputs.begin(), metricOutputs.end());
    return result;
}

Fingerprint PreparedNetwork::outputKey() const
{
    FingerprintBuilder key;
    for (const MeasuredOutput& output : outputs) {
        key.add(keys[indexOf(*graph().producerOf[indexOf(output.value)])]);
    }
    for (const ValueId id : metricOutputs) {
        key.add(keys[indexOf(*graph().producerOf[indexOf(id)])]);
    }
    return key.finish();
}

} // namespace core
