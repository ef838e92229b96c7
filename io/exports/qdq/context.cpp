#include "io/exports/qdq/context.h"

#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"
#include "io/onnx/opset13.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

using core::Operator;
using core::OperatorId;
using core::QuantizationParams;
using core::QuantizedKind;
using core::ValueId;

QdqContext::QdqContext(const core::OperatorGraph& g, const core::ResolvedPlan& p, const QdqOptions& o,
                       std::string t)
    : graph(g)
    , plan(p)
    , options(o)
    , tag(std::move(t))
    , opset(o.opset)
{
    for (const Operator& op : graph.operators) {
        opset = op.node.domain.empty() ? std::max(opset, op.node.version) : opset;
    }
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        QLinearForm form;
        if (options.form == QdqOptions::Form::QOperator) {
            form = qLinearFormOf(graph, plan, OperatorId(i));
            const auto& weights = plan.operators[i].weights;
            const bool isPerMatrix = weights && weights->matrixSize > 0;
            if (form.kind != QLinearForm::Kind::None
                && (isPerMatrix || weightFormOf(OperatorId(i)) != WeightForm::Codes)) {
                form = {QLinearForm::Kind::None, {}, {}, "its weights have no axis"};
            }
        }
        if (!form.reason.empty()) {
            losses.push_back({graph.operators[i].name,
                              form.reason + ": kept between QuantizeLinear and DequantizeLinear"});
        }
        forms.push_back(std::move(form));
    }
}

bool QdqContext::isQuantized(ValueId id) const
{
    if (isCodes(id)) {
        return true;
    }
    // Indices and the like are read as they are, by integer operators, too.
    if (graph.value(id).type != core::DataType::Float32 || !plan.values[core::indexOf(id)]) {
        return false;
    }
    return std::ranges::any_of(graph.consumersOf[core::indexOf(id)], [&](OperatorId reader) {
        return plan.operators[core::indexOf(reader)].kind != QuantizedKind::None;
    });
}

bool QdqContext::isNative(OperatorId id) const
{
    return forms[core::indexOf(id)].kind != QLinearForm::Kind::None;
}

bool QdqContext::isReadAsReal(ValueId id) const
{
    return options.form == QdqOptions::Form::Qdq || graph.graph->isOutput(id)
        || std::ranges::any_of(graph.consumersOf[core::indexOf(id)],
                               [&](OperatorId reader) { return !isNative(reader); });
}

CodeStorage QdqContext::storageOf(const QuantizationParams& params) const
{
    if (params.bits > 8) {
        return CodeStorage::Words;
    }
    return params.bits <= 4 && opset >= 21 ? CodeStorage::FourBits : CodeStorage::Bytes;
}

WeightForm QdqContext::weightFormOf(OperatorId id) const
{
    const Operator& op = graph.at(id);
    const core::ResolvedOperator& resolved = plan.operators[core::indexOf(id)];
    const bool isLone = resolved.effective.isWeightOnly();
    if (resolved.weights && resolved.weights->matrixSize > 0) {
        const core::Shape& shape = op.constants[1]->shape();
        const auto extent = shape[static_cast<std::size_t>(*resolved.weights->params.axis)];
        const bool isOneAxis = static_cast<std::size_t>(extent) == resolved.weights->params.scale.size();
        return isOneAxis ? WeightForm::Codes : WeightForm::Float;
    }
    if ((resolved.kind != QuantizedKind::Linear && !isLone) || !resolved.weights
        || !resolved.weights->params.isPerChannel()) {
        return WeightForm::Codes;
    }
    const QuantizationParams& params = resolved.weights->params;
    const core::WeightLayout layout(op.node, *op.constants[1]);
    const bool isSplit =
        core::isTransposedConvolution(op.type) && layout.convGroups() > 1; // its channels lie on two axes
    if (isSplit) {
        return WeightForm::Float;
    }
    if (params.group == 0) {
        return WeightForm::Codes;
    }
    return opset >= 21 ? WeightForm::Blocked : WeightForm::Float;
}

std::string QdqContext::domainOf(const QuantizationParams& params) const
{
    return params.bits > 8 && opset < 21 ? "com.microsoft" : "";
}

bool QdqContext::isWrittenOutput(ValueId id) const
{
    const auto producer = graph.producerOf[core::indexOf(id)];
    return graph.graph->isOutput(id) && !(producer && graph.at(*producer).type == "Input");
}

std::string QdqContext::rawName(ValueId id) const
{
    const bool renamed = isCodes(id) && isWrittenOutput(id);
    return renamed ? stem(id) + "_QuantizeLinear_Input" : name(id);
}

std::string QdqContext::dequantizedName(ValueId id) const
{
    const bool isOutput = isCodes(id) && isWrittenOutput(id);
    return isOutput ? name(id) : stem(id) + "_DequantizeLinear_Output";
}

std::string QdqContext::readName(ValueId id, bool integerReader) const
{
    return isCodes(id) || (integerReader && isQuantized(id)) ? dequantizedName(id) : name(id);
}

std::string QdqContext::innerName(const Operator& op, const std::string& type) const
{
    for (const core::NodeId node : op.nodes) {
        if (graph.graph->node(node).type == type && graph.graph->node(node).name != op.name) {
            return graph.graph->node(node).name;
        }
    }
    return stem(op) + "_" + type;
}

void QdqContext::writeCodes(const std::string& tensor, const core::Tensor& codes,
                            const QuantizationParams& params)
{
    const core::Tensor narrow = core::castTo(codes, params.type);
    if (storageOf(params) == CodeStorage::FourBits) {
        writer.fourBitInitializer(tensor, narrow);
    } else {
        writer.initializer(tensor, narrow);
    }
}

void QdqContext::writeQuantization(ValueId id)
{
    if (!isQuantized(id)) {
        return;
    }
    const QuantizationParams& params = paramsOf(id);
    const std::string& n = name(id);
    const int stored = storageOf(params) == CodeStorage::FourBits ? 4
        : storageOf(params) == CodeStorage::Bytes                 ? 8
                                                                  : 16;
    if (params.bits != stored) {
        losses.push_back(
            {n, fmt::format("{} bits lie in a type of {}, whose codes saturate later", params.bits, stored)});
    }
    writer.initializer(scaleName(id), vectorOf(params.scale, true));
    writeCodes(zeroPointName(id), zeroPointsOf(params, {}), params);
    const auto producer = graph.producerOf[core::indexOf(id)];
    if (!producer || !isNative(*producer)) {
        writer.node("QuantizeLinear", stem(id) + "_QuantizeLinear",
                    {rawName(id), scaleName(id), zeroPointName(id)}, {codesName(id)}, {}, domainOf(params));
    }
    if (isReadAsReal(id)) {
        writer.node("DequantizeLinear", stem(id) + "_DequantizeLinear",
                    {codesName(id), scaleName(id), zeroPointName(id)}, {dequantizedName(id)}, {},
                    domainOf(params));
    }
}

void QdqContext::writeForm(const Operator& op, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs)
{
    const core::Shape none;
    const core::Shape& shape =
        op.inputs.empty() || op.inputs[0] == core::kNoValue ? none : graph.value(op.inputs[0]).shape;
    const core::Shape& dst = op.outputs[0] == core::kNoValue ? none : graph.value(op.outputs[0]).shape;
    const core::DataType type = &shape == &none ? core::DataType::Float32 : graph.value(op.inputs[0]).type;
    if (const auto rows = flattenedRows(op.node, shape)) {
        writeFlattened(op, *rows, shape, inputs[0], outputs[0]);
        return;
    }
    core::Node named = op.node; // what becomes an input is named after it
    named.name = stem(op);
    NodeForm form = opset13Form(named, inputs, shape, dst, type);
    if (opset >= 21) {
        form = opset21Form(std::move(form), named, outputs.size());
    }
    for (const auto& [constantName, tensor] : form.constants) {
        writer.initializer(constantName, tensor);
    }
    writer.node(form.type, op.name, form.inputs, outputs, form.attributes, op.node.domain);
}

void QdqContext::writeFlattened(const Operator& op, const core::Shape& rows, const core::Shape& shape,
                                const std::string& from, const std::string& to)
{
    const auto reshape = [&](const std::string& end, const core::Shape& into, const std::string& src,
                             const std::string& dst) {
        writer.initializer(stem(op) + end + "_shape",
                           core::makeTensor<std::int64_t>({std::ssize(into)}, std::span(into)));
        writer.node("Reshape", stem(op) + end, {src, stem(op) + end + "_shape"}, {dst});
    };
    reshape("_to_rows", rows, from, to + tag + "/rows");
    writer.node(op.node.type, op.name, {to + tag + "/rows"}, {to + tag + "/done"},
                {{"axis", std::int64_t{1}}});
    reshape("_from_rows", shape, to + tag + "/done", to);
}

core::Tensor zeroPointsOf(const QuantizationParams& params, const core::Shape& shape)
{
    return core::makeTensor<std::int32_t>(shape, std::span<const std::int32_t>(params.zeroPoint));
}

} // namespace io
