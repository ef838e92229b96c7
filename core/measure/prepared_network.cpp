#include "core/measure/prepared_network.h"

namespace core {

bool PreparedNetwork::differsFromFloat(std::size_t op) const
{
    const ValueId id = graph().operators[op].result();
    return plan.operators[op].kind != QuantizedKind::None || plan.operators[op].effective.isLowFloat()
        || plan.values[indexOf(id)].has_value();
}

Fingerprint PreparedNetwork::outputKey() const
{
    FingerprintBuilder key;
    for (const MeasuredOutput& output : outputs) {
        key.add(keys[indexOf(*graph().producerOf[indexOf(output.value)])]);
    }
    return key.finish();
}

} // namespace core
