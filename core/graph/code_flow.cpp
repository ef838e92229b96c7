#include "core/graph/code_flow.h"

#include "core/graph/code_params.h"

#include <algorithm>

namespace core {

bool CodeFlow::isSourceItself(const Node& quantize) const
{
    const auto params = paramsOfQuantize(m_graph, quantize);
    const ValueId source = quantize.inputs[0];
    const auto& writer = m_graph.value(source).producer;
    const Node* from = writer ? &m_graph.node(*writer) : nullptr;
    if (from && isDequantizeLinear(*from)) {
        if (const auto before = paramsOfDequantize(m_graph, *from)) {
            return params == before;
        }
    }
    const bool isWhole = !writer && m_graph.isOutput(quantize.outputs[0]); // an input that leaves as codes
    return !m_graph.isOutput(source) && !isWhole
        && std::ranges::all_of(m_graph.value(source).consumers, [&](NodeId reader) {
               const Node& node = m_graph.node(reader);
               return node.type == "Shape"
                   || (isQuantizeLinear(node) && paramsOfQuantize(m_graph, node) == params);
           });
}

bool CodeFlow::isOnlyCodes(ValueId id)
{
    if (const auto known = m_onlyCodes.find(indexOf(id)); known != m_onlyCodes.end()) {
        return known->second;
    }
    bool result = true;
    for (const NodeId reader : m_graph.value(id).consumers) {
        const Node& node = m_graph.node(reader);
        const auto form = qOperatorOf(node);
        const auto isOperand = [&](std::size_t i) { return node.hasInput(i) && node.inputs[i] == id; };
        if (isDequantizeLinear(node)) {
            result = result && isOperand(0)
                && codeParamsAt(m_graph, node, 1, 0, codeTypeOf(m_graph, id)).has_value();
        } else if (form) {
            result = result && std::ranges::any_of(form->operands, isOperand) && isConvertible(node, *form)
                && isOnlyCodes(node.outputs[0]);
        } else if (movesCodes(node)) {
            result = result && isOperand(0);
            for (const ValueId output : node.outputs) {
                result = result && (output == kNoValue || isOnlyCodes(output));
            }
        } else {
            result = false;
        }
    }
    return m_onlyCodes[indexOf(id)] = result;
}

bool CodeFlow::isConvertible(const Node& node, const QOperator& form) const
{
    if (node.integer("channels_last", 0) != 0) {
        return false;
    }
    const auto usable = [&](std::size_t i) {
        return codeParamsAt(m_graph, node, i, 0, DataType::UInt8).has_value();
    };
    return usable(form.output)
        && std::ranges::all_of(form.operands, [&](std::size_t i) { return usable(i + 1); })
        && (!form.bias || !node.hasInput(*form.bias) || constantInput(m_graph, node, *form.bias));
}

} // namespace core
