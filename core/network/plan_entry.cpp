#include "core/network/plan_entry.h"

#include <string>

namespace core {

OperatorSettings& entryOf(QuantizationPlan& plan, const Operator& op)
{
    if (op.type == "Input") {
        return plan.inputs[op.name];
    }
    if (!plan.operators.contains(op.name)) {
        for (const std::string& inner : op.nodeNames) {
            if (const auto found = plan.operators.find(inner); found != plan.operators.end()) {
                return found->second;
            }
        }
    }
    return plan.operators[op.name];
}

} // namespace core
