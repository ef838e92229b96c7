#include "core/network/plan_entry.h"

namespace core {

OperatorSettings& entryOf(QuantizationPlan& plan, const Operator& op)
{
    return op.type == "Input" ? plan.inputs[op.name] : plan.operators[keyOf(plan.operators, op)];
}

QuantizationPlan keptFloat(const QuantizationPlan& plan, const Operator& op)
{
    QuantizationPlan result = plan;
    entryOf(result, op).precision = kFp32;
    return result;
}

OperatorSettings settingsOf(const QuantizationPlan& plan, const Operator& op)
{
    return op.type == "Input" ? plan.settingsForInput(op.name)
                              : plan.settingsFor(keyOf(plan.operators, op), op.type);
}

} // namespace core
