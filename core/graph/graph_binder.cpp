#include "core/graph/graph_binder.h"

#include "core/graph/checked_inference.h"
#include "core/graph/legacy_form.h"
#include "core/graph/ops/shape_value.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <fmt/format.h>
#include <list>

namespace core {

namespace {

// A folded result may be this large, or as large as the constants it is computed from.
constexpr std::size_t kMostFoldedBytes = std::size_t{64} << 20;
constexpr std::size_t kMostFoldedBytesInAll = std::size_t{1} << 30;
constexpr int kReshapeVersion = 5; // whose shape is an input

bool isStaticValue(const Value& value)
{
    return value.type != DataType::Undefined && value.hasShape && isStatic(value.shape);
}

/// A tensor that holds no element is known by its shape.
bool isEmptyValue(const Value& value) { return isStaticValue(value) && elementCount(value.shape) == 0; }

Tensor emptyTensor(const Value& value) { return TensorBuilder(value.type, value.shape).finish(); }

std::string withoutName(const Node& node, const std::string& message)
{
    for (const std::string& prefix : {node.name + ": ", fmt::format("{} ({}): ", node.name, node.type)}) {
        if (message.starts_with(prefix)) {
            return message.substr(prefix.size());
        }
    }
    return message;
}

} // namespace

GraphBinder::GraphBinder(const Graph& top)
    : m_name(top.name())
{
    // Names of the model itself are kept for it; values and nodes of inlined branches make way.
    for (const Value& value : top.values()) {
        m_valueNames.insert(value.name);
    }
    for (const Node& node : top.nodes()) {
        m_nodeNames.insert(node.name);
    }
}

std::string GraphBinder::unusedName(std::set<std::string>& names, const std::string& name,
                                    const std::string& prefix) const
{
    std::string unused = name;
    if (!prefix.empty()) {
        if (names.contains(unused)) {
            unused = prefix + "/" + name;
        }
        while (!names.insert(unused).second) {
            unused += '\'';
        }
    }
    return unused;
}

ValueId GraphBinder::addValue(const std::string& name)
{
    m_values.emplace_back().name = name;
    m_isBroken.push_back(false);
    return ValueId(m_values.size() - 1);
}

ValueId GraphBinder::addInput(const std::string& name, const ValueInfo& info)
{
    const ValueId id = addValue(name);
    Value& value = m_values.back();
    value.type = info.type;
    value.shape = info.shape;
    value.hasShape = info.type != DataType::Undefined;
    return id;
}

ValueId GraphBinder::addConstant(const std::string& name, Tensor tensor)
{
    const ValueId id = addValue(name);
    setConstant(id, std::move(tensor));
    return id;
}

void GraphBinder::setConstant(ValueId id, Tensor tensor)
{
    Value& value = m_values[indexOf(id)];
    value.type = tensor.type();
    value.shape = tensor.shape();
    value.hasShape = true;
    value.constant = std::move(tensor);
}

std::vector<ValueId> GraphBinder::place(const Graph& graph, const std::vector<ValueId>& inputs,
                                        const std::string& prefix)
{
    std::vector<ValueId> map(graph.values().size(), kNoValue);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        map[indexOf(graph.inputs()[i])] = inputs[i];
    }
    for (std::size_t v = 0; v < map.size(); ++v) {
        const Value& value = graph.values()[v];
        if (value.constant && map[v] == kNoValue) {
            map[v] = addConstant(unusedName(m_valueNames, value.name, prefix), *value.constant);
        }
    }
    for (const Node& original : graph.nodes()) {
        Node node = original;
        node.name = unusedName(m_nodeNames, original.name, prefix);
        for (ValueId& id : node.inputs) {
            id = id == kNoValue ? kNoValue : map[indexOf(id)];
        }
        if (placeBranch(graph, original, map, node, prefix)
            || placeExpanded(graph, original, map, node, prefix)) {
            continue;
        }
        for (ValueId& id : node.outputs) {
            if (id != kNoValue) {
                const ValueId added = addValue(unusedName(m_valueNames, graph.value(id).name, prefix));
                map[indexOf(id)] = added;
                id = added;
            }
        }
        placeNode(std::move(node));
    }
    std::vector<ValueId> outputs;
    for (const ValueId id : graph.outputs()) {
        outputs.push_back(map[indexOf(id)]);
    }
    return outputs;
}

/// Brings a node of an early opset to today's form; an operand that needs another shape gets a Reshape in
/// front.
void GraphBinder::modernize(Node& node)
{
    std::vector<ValueInfo> inputs;
    for (const ValueId id : node.inputs) {
        const Value* value = id == kNoValue ? nullptr : &m_values[indexOf(id)];
        const bool isKnown = value && value->hasShape && isStatic(value->shape);
        inputs.push_back(isKnown ? ValueInfo{value->type, value->shape} : ValueInfo{});
    }
    auto form = legacyForm(node, inputs);
    if (form && form->reshaped) {
        const ValueId operand = node.inputs[*form->reshaped];
        const std::string name = node.name + "/operand";
        Node reshape;
        reshape.name = unusedName(m_nodeNames, name + "_Reshape", node.name);
        reshape.type = "Reshape";
        reshape.version = kReshapeVersion;
        reshape.inputs = {
            operand,
            addConstant(unusedName(m_valueNames, name + "_shape", node.name),
                        makeTensor<std::int64_t>({std::ssize(form->shape)}, std::span(form->shape)))};
        reshape.outputs = {addValue(unusedName(m_valueNames, name, node.name))};
        form->node.inputs[*form->reshaped] = reshape.outputs[0];
        placeNode(std::move(reshape));
    }
    if (form) {
        node = std::move(form->node);
    }
}

void GraphBinder::placeNode(Node node)
{
    Placed placed;
    const OperatorDefinition* definition = findOperator(node.domain, node.type);
    const bool isBroken = std::ranges::any_of(
        node.inputs, [&](ValueId id) { return id != kNoValue && m_isBroken[indexOf(id)]; });
    bool isFolded = false;
    if (!isBroken && node.version < 7) {
        try {
            modernize(node);
        } catch (const Error& error) {
            placed.problem = withoutName(node, error.what());
            placed.kind = error.kind();
        }
    }
    if (isBroken || !placed.problem.empty()) {
        // Said where it broke.
    } else if (definition == nullptr) {
        placed.problem = fmt::format("operator {}{}{} is not known", node.domain,
                                     node.domain.empty() ? "" : ".", node.type);
    } else if (node.version < definition->sinceVersion) {
        placed.problem = fmt::format(
            "its form of opset {} is not known, only that since {}; convert the model to a newer opset",
            node.version, definition->sinceVersion);
    } else {
        try {
            placed.results = inferNode(node, *definition);
            foldMask(node);
            isFolded = foldNode(node);
        } catch (const Error& error) {
            placed.problem = withoutName(node, error.what());
            placed.kind = error.kind();
        }
    }
    if (isFolded) {
        return;
    }
    for (const ValueId id : node.outputs) {
        if (id != kNoValue) {
            m_isBroken[indexOf(id)] = isBroken || !placed.problem.empty();
            m_values[indexOf(id)].producer = NodeId(m_nodes.size());
        }
    }
    placed.node = std::move(node);
    m_nodes.push_back(std::move(placed));
}

std::optional<std::size_t> GraphBinder::inferNode(const Node& node, const OperatorDefinition& definition)
{
    InferContext context{node, {}, {}};
    std::list<Tensor> empty; // of inputs that hold no element: known as constants are
    for (const ValueId id : node.inputs) {
        if (id == kNoValue) {
            context.inputs.emplace_back();
            context.constants.push_back(nullptr);
            continue;
        }
        const Value& value = m_values[indexOf(id)];
        if (!isStaticValue(value)) {
            return std::nullopt; // depends on data: decided while it runs
        }
        context.inputs.push_back({value.type, value.shape});
        const bool isEmpty = !value.constant && isEmptyValue(value);
        context.constants.push_back(value.constant ? &*value.constant
                                        : isEmpty  ? &empty.emplace_back(emptyTensor(value))
                                                   : nullptr);
    }
    const std::vector<ValueInfo> results = inferChecked(definition, context);
    if (results.size() == 1 && !node.hasOutput(0)) {
        throw Error(ErrorKind::InvalidModel, fmt::format("the only output of {} is left out", node.type));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!node.hasOutput(i) || results[i].type == DataType::Undefined) { // unknown: decided while it runs
            continue;
        }
        Value& value = m_values[indexOf(node.outputs[i])];
        value.type = results[i].type;
        value.shape = results[i].shape;
        value.hasShape = true;
        if (isStatic(value.shape)) {
            checkValueSize(value.type, value.shape);
        }
    }
    return results.size();
}

/// In inference a Dropout drops nothing: its mask is a constant, and what is left is the identity.
void GraphBinder::foldMask(Node& node)
{
    if (node.type != "Dropout" || !node.domain.empty() || !node.hasOutput(1)) {
        return;
    }
    Value& mask = m_values[indexOf(node.outputs[1])];
    if (!isStaticValue(mask) || static_cast<std::size_t>(elementCount(mask.shape)) > kMostFoldedBytes) {
        return;
    }
    TensorBuilder ones(DataType::UInt8, mask.shape);
    std::ranges::fill(ones.as<std::uint8_t>(), std::uint8_t{1});
    setConstant(node.outputs[1], castTo(std::move(ones).finish(), mask.type));
    node.outputs.resize(1);
}

bool GraphBinder::foldNode(const Node& node)
{
    if ((node.type == "Shape" || node.type == "Size") && isStaticValue(m_values[indexOf(node.inputs[0])])) {
        setConstant(node.outputs[0], ops::shapeValue(node, m_values[indexOf(node.inputs[0])].shape));
        return true;
    }
    if (std::ranges::all_of(node.outputs, [&](ValueId id) {
            return id == kNoValue || isEmptyValue(m_values[indexOf(id)]);
        })) {
        for (const ValueId id : node.outputs) {
            if (id != kNoValue) {
                setConstant(id, emptyTensor(m_values[indexOf(id)]));
            }
        }
        return true;
    }
    std::vector<Tensor> inputs;
    std::size_t inputBytes = 0;
    for (const ValueId id : node.inputs) {
        const Value* value = id == kNoValue ? nullptr : &m_values[indexOf(id)];
        if (value && !value->constant && !isEmptyValue(*value)) {
            return false;
        }
        inputs.push_back(!value ? Tensor{} : value->constant ? *value->constant : emptyTensor(*value));
        inputBytes += inputs.back().byteCount();
    }
    std::size_t outputBytes = 0;
    for (const ValueId id : node.outputs) {
        if (id != kNoValue && isStaticValue(m_values[indexOf(id)])) {
            const Value& value = m_values[indexOf(id)];
            outputBytes += static_cast<std::size_t>(elementCount(value.shape)) * sizeOf(value.type);
        }
    }
    if (outputBytes > std::max(kMostFoldedBytes, inputBytes)
        || m_foldedBytes + outputBytes > kMostFoldedBytesInAll) {
        return false;
    }
    m_foldedBytes += outputBytes;
    std::vector<Tensor> results = evaluateNode(node, inputs);
    for (std::size_t i = 0; i < node.outputs.size() && i < results.size(); ++i) {
        if (node.hasOutput(i)) {
            setConstant(node.outputs[i], std::move(results[i]));
        }
    }
    return true;
}

std::vector<bool> GraphBinder::liveNodes(const std::vector<ValueId>& outputs) const
{
    std::vector<bool> isLive(m_nodes.size(), false);
    std::vector<ValueId> open = outputs;
    while (!open.empty()) {
        const ValueId id = open.back();
        open.pop_back();
        if (id == kNoValue || !m_values[indexOf(id)].producer) {
            continue;
        }
        const std::size_t n = indexOf(*m_values[indexOf(id)].producer);
        if (!isLive[n]) {
            isLive[n] = true;
            const auto& inputs = m_nodes[n].node.inputs;
            open.insert(open.end(), inputs.begin(), inputs.end());
        }
    }
    return isLive;
}

} // namespace core
