#include "core/execution/forms/integer_form.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace core {

bool IntegerContext::isPlain() const
{
    const auto isOdd = [&](ValueId value) {
        const auto& found = plan.values[indexOf(value)]; // none of an output that nobody reads
        return found && (sizeOf(found->params.type) > 1 || found->params.rounding != Rounding::HalfEven);
    };
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        const bool isCode = op.inputs[i] != kNoValue && !op.constants[i]
            && graph.value(op.inputs[i]).type == DataType::Float32;
        if (isCode && isOdd(op.inputs[i])) {
            return false;
        }
    }
    const bool writesOdd = resolved.writesCodes
        && std::ranges::any_of(op.outputs, [&](ValueId value) { return value != kNoValue && isOdd(value); });
    return !writesOdd && !(resolved.weights && resolved.weights->params.bits > 8);
}

Executable compileQuantized(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan)
{
    static const std::array kForms{
        realsThroughFloat(),   integerInput(),        integerLinear(),         integerIntermediateSum(),
        integerBinary(),       integerDnnlowpTable(), integerTable(),          integerRelu(),
        integerMaxPool(),      integerTranspose(),    integerNearestResize(),  integerReshape(),
        integerMovement(),     integerEmbedding(),    integerBatchedWeights(), integerMatMul(),
        integerSum(),          integerReduce(),       integerSoftmax(),        integerLinearResize(),
        integerChannelTable(), integerRecurrent(),    integerNormalization(),  integerAveragePool(),
        integerConcat(),       throughFloat()};
    const IntegerContext context{graph, graph.at(id), plan.operators[indexOf(id)], plan, id};
    if (context.is(QuantizedKind::None)) {
        throw Error(ErrorKind::UnsupportedOperator, context.op.name + ": has no integer form");
    }
    return std::ranges::find_if(kForms, [&](const IntegerForm& form) { return form.accepts(context); })
        ->compile(context);
}

} // namespace core
