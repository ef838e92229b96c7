#include "io/exports/qdq_export.h"

#include "io/exports/qdq/context.h"
#include "io/exports/qdq/operators.h"

#include <algorithm>
#include <fmt/format.h>
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
        const ValueId result = op.result();
        if (!context.options.exposeOperators || (op.type == "Input" && !context.isCodes(result))) {
            continue;
        }
        const std::string exposed = exportedTensorName(context.graph, context.plan, result, context.tag);
        if (written.insert(exposed).second) {
            context.writer.output(exposed, context.graph.value(result).type,
                                  context.graph.value(result).shape);
        }
    }
}

void write(QdqContext& context)
{
    const core::OperatorGraph& graph = context.graph;
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
    for (std::size_t i = 0; i < context.graph.operators.size(); ++i) {
        if (context.plan.operators[i].recurrent) { // no loss of its params: those are read back
            context.losses.push_back({"",
                                      fmt::format("{}: gates and states of 8 bits here, of FP32 in the file, "
                                                  "between what is quantized around it",
                                                  context.graph.operators[i].name)});
        }
    }
}

/// Part of no name that the model has, so that a name with it in the middle is new and stands for one thing.
std::string freeTag(const core::OperatorGraph& graph)
{
    const auto isPart = [&](const std::string& tag) {
        return std::ranges::any_of(
                   graph.graph->values(),
                   [&](const core::Value& v) { return v.name.find(tag) != std::string::npos; })
            || std::ranges::any_of(graph.graph->nodes(), [&](const core::Node& node) {
                   return node.name.find(tag) != std::string::npos;
               });
    };
    std::string tag(kExportTag);
    for (int i = 2; isPart(tag); ++i) {
        tag = fmt::format("{}{}", kExportTag, i);
    }
    return tag;
}

} // namespace

QdqModel exportQdq(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                   const QdqOptions& options)
{
    QdqContext context(graph, plan, options, {});
    write(context);
    if (!context.writer.hasCollision()) {
        return {context.writer.finish(graph.graph->name(), context.opset), std::move(context.losses), {}};
    }
    QdqContext tagged(graph, plan, options, freeTag(graph));
    write(tagged);
    return {tagged.writer.finish(graph.graph->name(), tagged.opset), std::move(tagged.losses), tagged.tag};
}

std::string exportedCodesName(const core::OperatorGraph& graph, core::ValueId value, std::string_view tag)
{
    return fmt::format("{}{}_QuantizeLinear_Output", graph.value(value).name, tag);
}

std::string exportedTensorName(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                               core::ValueId value, std::string_view tag)
{
    const std::string& name = graph.value(value).name;
    const bool codes = plan.isCodes(graph, value);
    const auto writer = graph.producerOf[core::indexOf(value)];
    const bool isInput = writer && graph.at(*writer).type == "Input"; // its name is taken, output or not
    return codes && (isInput || !graph.graph->isOutput(value))
        ? fmt::format("{}{}_DequantizeLinear_Output", name, tag)
        : name;
}

} // namespace io
