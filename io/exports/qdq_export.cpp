#include "io/exports/qdq_export.h"

#include "io/exports/qdq/context.h"
#include "io/exports/qdq/operators.h"

#include <set>

namespace io {

namespace {

using core::Operator;
using core::OperatorId;
using core::ValueId;

void writeOutputs(QdqContext& context)
{
    std::set<std::string> written;
    for (const ValueId id : context.graph.graph->outputs()) {
        context.writer.output(context.name(id), context.graph.value(id).type, context.graph.value(id).shape);
        written.insert(context.name(id));
        if (context.graph.value(id).constant) {
            context.writer.initializer(context.name(id), *context.graph.value(id).constant);
        }
    }
    for (const Operator& op : context.graph.operators) {
        if (!context.options.exposeOperators || op.outputs[0] == core::kNoValue
            || (op.type == "Input" && !context.isCodes(op.outputs[0]))) {
            continue;
        }
        const std::string exposed = exportedTensorName(context.graph, context.plan, op.outputs[0]);
        if (written.insert(exposed).second) {
            context.writer.output(exposed, context.graph.value(op.outputs[0]).type,
                                  context.graph.value(op.outputs[0]).shape);
        }
    }
}

} // namespace

QdqModel exportQdq(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                   const QdqOptions& options)
{
    QdqContext context(graph, plan, options);
    for (const ValueId id : graph.graph->inputs()) {
        context.writer.input(context.name(id), graph.value(id).type, graph.value(id).shape);
    }
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        if (context.isNative(OperatorId(i))) {
            writeNative(context, OperatorId(i));
        } else if (op.type != "Input") {
            writeOperator(context, OperatorId(i));
        }
        for (const ValueId output : op.outputs) {
            if (output != core::kNoValue) {
                context.writeQuantization(output);
            }
        }
    }
    writeOutputs(context);
    return {context.writer.finish(graph.graph->name(), context.opset), std::move(context.losses)};
}

std::string exportedCodesName(const core::OperatorGraph& graph, core::ValueId value)
{
    return graph.value(value).name + "_QuantizeLinear_Output";
}

std::string exportedTensorName(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                               core::ValueId value)
{
    const std::string& name = graph.value(value).name;
    const bool codes = plan.isCodes(graph, value);
    return codes && !graph.graph->isOutput(value) ? name + "_DequantizeLinear_Output" : name;
}

} // namespace io
