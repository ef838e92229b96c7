#include "core/graph/graph.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <queue>

namespace core {

namespace {

template <typename T>
const T* attribute(const Node& node, std::string_view key)
{
    const auto it = node.attributes.find(key);
    if (it == node.attributes.end()) {
        return nullptr;
    }
    if (const T* value = std::get_if<T>(&it->second)) {
        return value;
    }
    throw Error(ErrorKind::InvalidModel,
                fmt::format("{} ({}): attribute '{}' has the wrong type", node.name, node.type, key));
}

} // namespace

const Attribute* Node::find(std::string_view key) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? nullptr : &it->second;
}

std::int64_t Node::integer(std::string_view key, std::int64_t fallback) const
{
    const auto* value = attribute<std::int64_t>(*this, key);
    return value ? *value : fallback;
}

float Node::real(std::string_view key, float fallback) const
{
    const auto* value = attribute<float>(*this, key);
    return value ? *value : fallback;
}

std::string Node::text(std::string_view key, std::string_view fallback) const
{
    const auto* value = attribute<std::string>(*this, key);
    return value ? *value : std::string(fallback);
}

std::vector<std::int64_t> Node::integers(std::string_view key, std::vector<std::int64_t> fallback) const
{
    const auto* value = attribute<std::vector<std::int64_t>>(*this, key);
    return value ? *value : std::move(fallback);
}

std::vector<float> Node::reals(std::string_view key, std::vector<float> fallback) const
{
    const auto* value = attribute<std::vector<float>>(*this, key);
    return value ? *value : std::move(fallback);
}

std::optional<ValueId> Graph::findValue(std::string_view name) const
{
    const auto it = m_byName.find(name);
    return it == m_byName.end() ? std::nullopt : std::optional(it->second);
}

bool Graph::isOutput(ValueId id) const
{
    return std::find(m_outputs.begin(), m_outputs.end(), id) != m_outputs.end();
}

ValueId GraphBuilder::value(std::string_view name)
{
    if (name.empty()) {
        return kNoValue;
    }
    const auto [it, isNew] =
        m_graph.m_byName.try_emplace(std::string(name), ValueId(m_graph.m_values.size()));
    if (isNew) {
        m_graph.m_values.emplace_back().name = name;
    }
    return it->second;
}

void GraphBuilder::declare(ValueId id, DataType type, Shape shape)
{
    Value& value = m_graph.m_values[indexOf(id)];
    value.type = type;
    value.shape = std::move(shape);
    value.hasShape = true;
}

ValueId GraphBuilder::input(std::string_view name, DataType type, Shape shape, bool hasShape)
{
    const ValueId id = value(name);
    declare(id, type, std::move(shape));
    m_graph.m_values[indexOf(id)].hasShape = hasShape;
    m_graph.m_inputs.push_back(id);
    return id;
}

ValueId GraphBuilder::input(const Value& like, DataType type)
{
    const ValueId id = input(like.name, type, like.shape, like.hasShape);
    nameDimensions(id, like.dimensionNames);
    return id;
}

void GraphBuilder::nameDimensions(ValueId id, std::vector<std::string> names)
{
    m_graph.m_values[indexOf(id)].dimensionNames = std::move(names);
}

ValueId GraphBuilder::constant(std::string_view name, Tensor tensor)
{
    const ValueId id = value(name);
    declare(id, tensor.type(), tensor.shape());
    m_graph.m_values[indexOf(id)].constant = std::move(tensor);
    return id;
}

void GraphBuilder::output(ValueId id) { m_graph.m_outputs.push_back(id); }

void GraphBuilder::node(Node node)
{
    if (node.name.empty()) {
        node.name = fmt::format("{}_{}", node.type, m_graph.m_nodes.size());
    }
    m_graph.m_nodes.push_back(std::move(node));
}

namespace {

void makeNamesUnique(std::vector<Node>& nodes)
{
    std::map<std::string, int> seen;
    for (Node& node : nodes) {
        const int count = ++seen[node.name];
        if (count > 1) {
            std::string name = fmt::format("{}#{}", node.name, count);
            while (seen.contains(name)) {
                name += '\'';
            }
            seen[name] = 1;
            node.name = std::move(name);
        }
    }
}

void setProducers(const std::vector<Node>& nodes, std::vector<Value>& values)
{
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const ValueId id : nodes[i].outputs) {
            if (id == kNoValue) {
                continue;
            }
            Value& value = values[indexOf(id)];
            if (value.producer) {
                throw Error(ErrorKind::InvalidModel,
                            fmt::format("value '{}' is written by two nodes, '{}' and '{}'", value.name,
                                        nodes[indexOf(*value.producer)].name, nodes[i].name));
            }
            if (value.constant) {
                throw Error(ErrorKind::InvalidModel,
                            fmt::format("value '{}' is an initializer and is also written by node '{}'",
                                        value.name, nodes[i].name));
            }
            value.producer = NodeId(i);
        }
    }
}

/// Kahn's algorithm; the ready node that was added first goes first.
std::vector<std::size_t> sortedOrder(const std::vector<Node>& nodes, const std::vector<Value>& values)
{
    std::vector<int> waiting(nodes.size(), 0);
    std::vector<std::vector<std::size_t>> readers(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const ValueId id : nodes[i].inputs) {
            if (id != kNoValue && values[indexOf(id)].producer) {
                readers[indexOf(*values[indexOf(id)].producer)].push_back(i);
                ++waiting[i];
            }
        }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (waiting[i] == 0) {
            ready.push(i);
        }
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
        const std::size_t i = ready.top();
        ready.pop();
        order.push_back(i);
        for (const std::size_t reader : readers[i]) {
            if (--waiting[reader] == 0) {
                ready.push(reader);
            }
        }
    }
    if (order.size() != nodes.size()) {
        std::string names;
        int shown = 0;
        for (std::size_t i = 0; i < nodes.size() && shown < 5; ++i) {
            if (waiting[i] > 0) {
                names += (shown++ ? ", " : "") + nodes[i].name;
            }
        }
        throw Error(ErrorKind::InvalidModel, "the graph has a cycle through or before: " + names);
    }
    return order;
}

} // namespace

Graph GraphBuilder::finish() &&
{
    Graph& g = m_graph;
    makeNamesUnique(g.m_nodes);
    setProducers(g.m_nodes, g.m_values);

    const std::vector<std::size_t> order = sortedOrder(g.m_nodes, g.m_values);
    std::vector<Node> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) {
        sorted.push_back(std::move(g.m_nodes[i]));
    }
    g.m_nodes = std::move(sorted);

    std::vector<bool> available(g.m_values.size(), false);
    for (const ValueId id : g.m_inputs) {
        available[indexOf(id)] = true;
    }
    for (std::size_t i = 0; i < g.m_nodes.size(); ++i) {
        for (const ValueId id : g.m_nodes[i].outputs) {
            if (id != kNoValue) {
                g.m_values[indexOf(id)].producer = NodeId(i);
                available[indexOf(id)] = true;
            }
        }
    }
    for (std::size_t i = 0; i < g.m_nodes.size(); ++i) {
        for (const ValueId id : g.m_nodes[i].inputs) {
            if (id == kNoValue) {
                continue;
            }
            Value& value = g.m_values[indexOf(id)];
            if (!value.constant && !available[indexOf(id)]) {
                throw Error(ErrorKind::InvalidModel,
                            fmt::format("{} ({}) reads '{}', which nothing writes", g.m_nodes[i].name,
                                        g.m_nodes[i].type, value.name));
            }
            if (value.consumers.empty() || value.consumers.back() != NodeId(i)) {
                value.consumers.push_back(NodeId(i));
            }
        }
    }
    for (const ValueId id : g.m_outputs) {
        const Value& value = g.m_values[indexOf(id)];
        if (!value.constant && !available[indexOf(id)]) {
            throw Error(ErrorKind::InvalidModel,
                        fmt::format("graph output '{}' is written by nothing", value.name));
        }
    }
    return std::move(m_graph);
}

} // namespace core
