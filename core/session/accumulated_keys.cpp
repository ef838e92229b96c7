#include "core/session/accumulated_keys.h"

#include <algorithm>
#include <string_view>

namespace core {

namespace {

/// Of all operators that decide the states fed back.
Fingerprint feedbackKey(const OperatorGraph& graph, const ResolvedPlan& plan,
                        const std::vector<StateLink>& states)
{
    std::vector<bool> decides(graph.operators.size(), false);
    for (const StateLink& state : states) {
        decides[indexOf(*graph.producerOf[indexOf(state.output)])] = true;
    }
    FingerprintBuilder key;
    for (std::size_t i = decides.size(); i-- > 0;) {
        if (!decides[i]) {
            continue;
        }
        key.add(plan.operators[i].key);
        for (const ValueId input : graph.operators[i].inputs) {
            if (input != kNoValue && graph.producerOf[indexOf(input)]) {
                decides[indexOf(*graph.producerOf[indexOf(input)])] = true;
            }
        }
    }
    return key.finish();
}

} // namespace

std::vector<Fingerprint> accumulatedKeys(const OperatorGraph& graph, const ResolvedPlan& plan,
                                         const Fingerprint& data, const std::vector<StateLink>& states)
{
    const Fingerprint feedback = feedbackKey(graph, plan, states);
    std::vector<Fingerprint> keys(graph.operators.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const Operator& op = graph.operators[i];
        FingerprintBuilder key;
        if (std::ranges::find(states, OperatorId(i), &StateLink::inputOperator) != states.end()) {
            key.add(feedback);
        }
        key.add(std::string_view("accumulated")).add(data).add(plan.operators[i].key);
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k]) {
                key.add(keys[indexOf(*graph.producerOf[indexOf(op.inputs[k])])]);
            }
        }
        keys[i] = key.finish();
    }
    return keys;
}

} // namespace core
