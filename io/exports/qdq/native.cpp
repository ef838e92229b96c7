#include "io/exports/qdq/bounds.h"
#include "io/exports/qdq/constants.h"
#include "io/exports/qdq/operators.h"

#include <fmt/format.h>

namespace io {

using core::Operator;
using core::OperatorId;
using core::ValueId;

void writeNative(QdqContext& context, OperatorId id)
{
    const Operator& op = context.graph.at(id);
    const core::ResolvedOperator& resolved = context.plan.operators[core::indexOf(id)];
    const QLinearForm& form = context.forms[core::indexOf(id)];
    const ValueId y = op.outputs[0];
    const auto scaled = [&](std::size_t i) -> std::vector<std::string> {
        if (op.constants[i]) {
            const ConstantNames names = writeWeightCodes(context, op, i, *resolved.weights);
            return {names.codes, names.scale, names.zeroPoint};
        }
        return {context.codesName(op.inputs[i]), context.scaleName(op.inputs[i]),
                context.zeroPointName(op.inputs[i])};
    };
    std::vector<std::string> inputs;
    const auto add = [&](const std::vector<std::string>& more) {
        inputs.insert(inputs.end(), more.begin(), more.end());
    };
    auto attributes = op.node.attributes;
    switch (form.kind) {
    case QLinearForm::Kind::Weights:
    case QLinearForm::Kind::Gemm:
        add(scaled(0));
        add(scaled(1));
        if (form.kind == QLinearForm::Kind::Gemm) {
            inputs.push_back(writeBiasCodes(context, op, *resolved.weights));
            attributes.erase("beta");
        }
        add({context.scaleName(y), context.zeroPointName(y)});
        if (form.type == "QLinearConv" && !resolved.weights->bias.empty()) {
            inputs.push_back(writeBiasCodes(context, op, *resolved.weights));
        }
        break;
    case QLinearForm::Kind::Binary:
        add(scaled(0));
        add(scaled(1));
        add({context.scaleName(y), context.zeroPointName(y)});
        break;
    case QLinearForm::Kind::Unary:
        add(scaled(0));
        add({context.scaleName(y), context.zeroPointName(y)});
        attributes.erase("dilations"); // of AveragePool: all 1
        if (op.type == "GlobalAveragePool") {
            attributes["channels_last"] = std::int64_t{0};
        }
        break;
    case QLinearForm::Kind::Concat:
        add({context.scaleName(y), context.zeroPointName(y)});
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            add(scaled(i));
        }
        break;
    case QLinearForm::Kind::Movement: {
        inputs.push_back(context.codesName(op.inputs[0]));
        for (std::size_t i = 1; i < op.inputs.size(); ++i) {
            inputs.push_back(writeInput(context, id, i));
        }
        context.writeForm(op, inputs, {context.codesName(y)});
        return;
    }
    case QLinearForm::Kind::None:
        return;
    }
    const bool isBounded = !op.upperBounds.empty();
    context.writer.node(form.type, op.name, inputs,
                        {isBounded ? context.stem(y) + "_unbounded_quantized" : context.codesName(y)},
                        attributes, form.domain);
    if (isBounded) {
        writeBoundsOfCodes(context, op, context.stem(y) + "_unbounded_quantized",
                           context.stem(y) + "_QuantizeLinear_Input");
        context.writer.node(
            "QuantizeLinear", context.stem(y) + "_QuantizeLinear",
            {context.stem(y) + "_QuantizeLinear_Input", context.scaleName(y), context.zeroPointName(y)},
            {context.codesName(y)}, {}, context.domainOf(context.paramsOf(y)));
    }
}

} // namespace io
