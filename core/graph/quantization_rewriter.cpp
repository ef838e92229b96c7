#include "core/graph/quantization_rewriter.h"

#include "core/base/error.h"
#include "core/graph/operator_registry.h"
#include "core/graph/reference_evaluator.h"

#include <fmt/format.h>

namespace core {

namespace {

constexpr int kFormVersion = 21; // of quantization: with blocks
constexpr int kFloatVersion = 17; // of everything else

int versionOf(std::string_view type, std::string_view domain)
{
    return !domain.empty()                                       ? 1
        : type == "QuantizeLinear" || type == "DequantizeLinear" ? kFormVersion
                                                                 : kFloatVersion;
}

} // namespace

QuantizationRewriter::QuantizationRewriter(const Graph& graph)
    : m_graph(graph)
    , m_builder(graph.name())
{
    std::vector<bool> isInput(graph.values().size(), false);
    for (const ValueId id : graph.inputs()) {
        isInput[indexOf(id)] = true;
    }
    for (const Value& value : graph.values()) { // values keep their order, and with it their ids
        const ValueId id = m_builder.value(value.name);
        m_names.insert(value.name);
        if (value.constant) {
            m_builder.constant(value.name, *value.constant);
        } else if (!isInput[indexOf(id)] && value.hasShape) {
            m_builder.declare(id, value.type, value.shape);
        }
    }
    for (const ValueId id : graph.inputs()) {
        const Value& value = graph.value(id);
        m_builder.input(value, value.type);
    }
    for (const Node& node : graph.nodes()) {
        m_nodeNames.insert(node.name);
    }
}

void QuantizationRewriter::refuse(const std::string& why) const
{
    throw Error(ErrorKind::UnsupportedOperator,
                fmt::format("cannot run 1 node: {} ({}): {}", m_node->name, m_node->type, why));
}

std::string QuantizationRewriter::input(std::size_t i) const
{
    return has(i) ? m_graph.value(m_node->inputs[i]).name : std::string();
}

std::string QuantizationRewriter::output(std::size_t i) const
{
    return m_node->hasOutput(i) ? m_graph.value(m_node->outputs[i]).name : std::string();
}

const Tensor* QuantizationRewriter::constantOf(ValueId id, int depth) const
{
    const Value& value = m_graph.value(id);
    if (value.constant) {
        return &*value.constant;
    }
    if (const auto folded = m_folded.find(indexOf(id)); folded != m_folded.end()) {
        return &folded->second;
    }
    if (!value.producer || depth == 0) {
        return nullptr;
    }
    const Node& producer = m_graph.node(*value.producer);
    const OperatorDefinition* definition = findOperator(producer.domain, producer.type);
    if (!definition || producer.outputs.size() != 1 || producer.type == "If" || producer.type == "Loop"
        || producer.type == "Scan") {
        return nullptr;
    }
    std::vector<Tensor> inputs;
    for (const ValueId input : producer.inputs) {
        const Tensor* operand = input == kNoValue ? nullptr : constantOf(input, depth - 1);
        if (!operand && input != kNoValue) {
            return nullptr;
        }
        inputs.push_back(operand ? *operand : Tensor());
    }
    return &m_folded.emplace(indexOf(id), evaluateNode(producer, inputs)[0]).first->second;
}

const Tensor* QuantizationRewriter::maybeConstant(std::size_t i) const
{
    constexpr int kMostSteps = 8;
    return m_node->hasInput(i) ? constantOf(m_node->inputs[i], kMostSteps) : nullptr;
}

const Tensor& QuantizationRewriter::constantAt(std::size_t i) const
{
    const Tensor* tensor = maybeConstant(i);
    if (!tensor) {
        refuse(fmt::format("its input {} ('{}') is not constant", i, input(i)));
    }
    return *tensor;
}

std::string QuantizationRewriter::unused(std::string_view label)
{
    std::string name = fmt::format("{}/{}", m_node->name, label);
    while (!m_names.insert(name).second) {
        name += '\'';
    }
    return name;
}

std::string QuantizationRewriter::constant(std::string_view label, Tensor tensor)
{
    std::string name = unused(label);
    m_builder.constant(name, std::move(tensor));
    return name;
}

Node QuantizationRewriter::made(std::string name, const Placement& placement)
{
    Node node;
    node.name = std::move(name);
    node.type = placement.type;
    node.domain = placement.domain;
    node.version = versionOf(placement.type, placement.domain);
    node.attributes = placement.attributes;
    for (const std::string& input : placement.inputs) {
        node.inputs.push_back(m_builder.value(input));
    }
    return node;
}

std::string QuantizationRewriter::add(std::string_view label, std::string_view type,
                                      const std::vector<std::string>& inputs, Attributes attributes,
                                      std::size_t outputs, std::string_view domain)
{
    std::string name = fmt::format("{}/{}", m_node->name, label);
    while (!m_nodeNames.insert(name).second) {
        name += '\'';
    }
    Node node = made(std::move(name), {type, domain, inputs, std::move(attributes)});
    m_results.clear();
    for (std::size_t i = 0; i < outputs; ++i) {
        m_results.push_back(unused(i == 0 ? std::string(label) : fmt::format("{}_{}", label, i)));
        node.outputs.push_back(m_builder.value(m_results.back()));
    }
    m_builder.node(std::move(node));
    return m_results.front();
}

void QuantizationRewriter::finish(std::string_view type, const std::vector<std::string>& inputs,
                                  Attributes attributes, std::string_view domain)
{
    Node node = made(m_node->name, {type, domain, inputs, std::move(attributes)});
    for (std::size_t i = 0; i < m_node->outputs.size(); ++i) {
        node.outputs.push_back(m_builder.value(output(i)));
    }
    m_builder.node(std::move(node));
}

void QuantizationRewriter::copy() { m_builder.node(*m_node); }

Graph QuantizationRewriter::run(const std::vector<ValueId>& outputs) &&
{
    for (const ValueId id : outputs) {
        m_builder.output(id);
    }
    return std::move(m_builder).finish();
}

} // namespace core
