#include "tests/fuzz/draw.h"

#include "core/graph/bind_shapes.h"
#include "core/graph/operator_registry.h"
#include "core/graph/plain_quantization.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <fmt/format.h>

namespace fuzz {

namespace {

constexpr std::size_t kSamples = 3;
constexpr std::int64_t kMostElements = 4000;

core::Node nodeOf(const DrawnNode& drawn, int opset)
{
    core::Node node;
    node.name = drawn.name.empty() ? drawn.type : drawn.name;
    node.type = drawn.type;
    node.domain = drawn.domain;
    node.version = drawn.domain.empty() ? opset : 1;
    for (std::size_t i = 0; i < drawn.inputs.size(); ++i) {
        node.inputs.push_back(drawn.inputs[i].empty() ? core::kNoValue : core::ValueId(i));
    }
    for (std::size_t i = 0; i < drawn.outputs.size(); ++i) {
        node.outputs.push_back(drawn.outputs[i].empty() ? core::kNoValue : core::ValueId(100 + i));
    }
    for (const auto& [key, value] : drawn.attributes) {
        node.attributes[key] = value;
    }
    return node;
}

/// What a node gives that is no operator of the registry but stands for some: all operands as constants.
std::vector<core::Tensor> evaluateExpanded(const DrawnNode& drawn, core::Node node,
                                           const std::vector<core::Tensor>& inputs)
{
    core::GraphBuilder builder;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        node.inputs[i] =
            inputs[i].isDefined() ? builder.constant(fmt::format("i{}", i), inputs[i]) : core::kNoValue;
    }
    for (std::size_t i = 0; i < drawn.outputs.size(); ++i) {
        node.outputs[i] = builder.value(fmt::format("o{}", i));
    }
    const std::vector<core::ValueId> outputs = node.outputs;
    builder.node(std::move(node));
    for (const core::ValueId id : outputs) {
        builder.output(id);
    }
    const auto bound = core::bindShapes(core::withPlainQuantization(std::move(builder).finish()), {});
    std::vector<core::Tensor> results;
    for (const core::ValueId id : bound->outputs()) {
        results.push_back(bound->value(id).constant.value_or(core::Tensor()));
    }
    return results;
}

} // namespace

Draw::Draw(std::uint64_t seed, int modelOpset)
    : random(seed)
    , opset(modelOpset)
    , m_inputValues(drawValues(random))
    , m_hasOddNames(random.chance(0.15))
    , m_hasDynamicBatch(random.chance(0.1))
{
    m_graph.opset = modelOpset;
}

std::string Draw::fresh(const std::string& hint)
{
    std::string base = hint;
    if (m_hasOddNames) {
        form("odd names");
        base += random.pick<const char*>({"", " with blanks", "/slash/a.b:0", "_scale", "_zero_point",
                                          "_quantized", "_QuantizeLinear_Output", "_DequantizeLinear_Output",
                                          "\"quoted\"", "é…", ";", "%s", "'"});
    }
    std::string name = base;
    for (int i = 1; !m_names.insert(name).second; ++i) {
        name = fmt::format("{}{}", base, i);
    }
    return name;
}

Shape Draw::drawShape(int lowestRank, int highestRank)
{
    const int rank = static_cast<int>(random.between(lowestRank, highestRank));
    Shape shape;
    for (int i = 0; i < rank; ++i) {
        shape.push_back(random.pick<std::int64_t>({1, 2, 2, 3, 4, 5, 7}));
    }
    if (core::elementCount(shape) > kMostElements) {
        std::ranges::fill(shape, 3);
    }
    return shape;
}

Shape Draw::broadcastable(const Shape& shape)
{
    Shape other = shape;
    for (std::int64_t& dimension : other) {
        if (random.chance(0.35)) {
            dimension = dimension == 1 ? random.between(1, 4) : 1;
        }
    }
    if (random.chance(0.4) && !other.empty()) {
        other.erase(other.begin(), other.begin() + random.between(1, std::ssize(other)));
    } else if (random.chance(0.15) && other.size() < 5) {
        other.insert(other.begin(), random.between(1, 3));
    }
    form(fmt::format("broadcast rank {}{}",
                     other.size() < shape.size()       ? "below"
                         : other.size() > shape.size() ? "above"
                                                       : "equal",
                     other == shape ? ", same" : ""));
    return other;
}

std::int64_t Draw::axisOf(std::int64_t rank)
{
    return opset >= 11 ? random.between(-rank, rank - 1) : random.between(0, rank - 1);
}

std::string Draw::input(std::vector<core::Tensor> samples)
{
    const std::string name = fresh("x");
    m_values[name] = samples[0];
    const bool isOpen = m_hasDynamicBatch && samples[0].rank() > 1;
    if (isOpen) {
        form("dynamic batch");
    }
    form(fmt::format("input {} rank {}", core::nameOf(samples[0].type()), samples[0].rank()));
    m_graph.inputs.push_back({name, std::move(samples), isOpen});
    m_pool.push_back(name);
    return name;
}

std::string Draw::initializer(core::Tensor tensor)
{
    const std::string name = fresh("c");
    m_values[name] = tensor;
    m_constants.insert(name);
    m_graph.constants.push_back({name, std::move(tensor), opset < 9 || random.chance(0.03)});
    return name;
}

std::string Draw::constant(core::Tensor tensor)
{
    const bool isFloat = tensor.type() == DataType::Float32;
    const double kind = random.unit();
    std::string made;
    if (kind < 0.7) {
        form("constant: initializer");
        return initializer(std::move(tensor));
    }
    if (kind < 0.84) {
        form("constant: Constant");
        made = node("Constant", {}, {{"value", tensor}})[0];
    } else if (kind < 0.92) {
        form("constant: Identity");
        made = node("Identity", {initializer(std::move(tensor))})[0];
    } else if (isFloat) {
        form("constant: computed");
        made = node("Neg", {initializer(core::castTo(tensor, DataType::Float32))})[0];
    } else {
        form("constant: computed");
        const Shape shape = tensor.shape();
        made =
            node("Reshape", {initializer(tensor.reshaped({tensor.count()})), initializer(int64s(shape))})[0];
    }
    m_constants.insert(made);
    std::erase(m_pool, made);
    return made;
}

std::string Draw::given(core::Tensor tensor)
{
    if (random.chance(0.8)) {
        return constant(std::move(tensor));
    }
    form("parameter: graph input");
    const std::string name = input(std::vector(kSamples, tensor));
    std::erase(m_pool, name);
    return name;
}

std::string Draw::weights(const Shape& shape, DataType type)
{
    const Values values =
        random.pick({Values::Normal, Values::Normal, Values::Normal, Values::Unit, Values::Unit,
                     Values::SmallIntegers, Values::Zeros, Values::SignedZeros, Values::Subnormal});
    return constant(drawTensor(random, type, shape, values));
}

std::string Draw::value(const Types& types, const Shape& shape)
{
    const DataType type = random.pick(types);
    if (random.chance(0.2)) {
        return constant(drawTensor(random, type, shape, Values::Normal));
    }
    const Values values = random.chance(0.8) ? m_inputValues : Values::Normal;
    return valueOf(drawTensor(random, type, shape, values), values);
}

std::string Draw::valueOf(core::Tensor tensor, Values values)
{
    std::vector<core::Tensor> samples{tensor};
    while (samples.size() < kSamples) {
        samples.push_back(drawTensor(random, tensor.type(), tensor.shape(), values));
    }
    if (core::isFloatingPoint(tensor.type())) {
        form(fmt::format("values: {}", nameOf(values)));
        m_graph.isExtreme = m_graph.isExtreme || isExtreme(values);
    }
    return input(std::move(samples));
}

std::string Draw::any(const Types& types, int lowestRank, int highestRank)
{
    const auto fits = [&](const std::string& name) {
        return std::ranges::find(types, type(name)) != types.end() && rank(name) >= lowestRank
            && rank(name) <= highestRank && tensor(name).count() > 0 && tensor(name).count() <= kMostElements;
    };
    std::vector<std::string> known;
    std::ranges::copy_if(m_pool, std::back_inserter(known), fits);
    if (!known.empty() && random.chance(0.85)) {
        return random.chance(0.7) ? known.back() : random.pick(known);
    }
    const DataType type = random.pick(types);
    const Shape shape = drawShape(lowestRank, highestRank);
    return valueOf(drawTensor(random, type, shape, m_inputValues), m_inputValues);
}

Attributes Draw::some(Attributes always, const Attributes& sometimes)
{
    for (const auto& [key, value] : sometimes) {
        if (random.chance(0.5)) {
            always[key] = value;
        }
    }
    return always;
}

Names Draw::node(const std::string& type, const Names& inputs, const Attributes& attributes, int outputs,
                 const std::string& domain)
{
    DrawnNode drawn{type, domain, random.chance(0.9) ? fresh(type) : "", inputs, {}, attributes, {}};
    while (!drawn.inputs.empty() && drawn.inputs.back().empty() && random.chance(0.8)) {
        drawn.inputs.pop_back();
    }
    for (int i = 0; i < outputs; ++i) {
        drawn.outputs.push_back(fresh("y"));
    }
    return nodeWithBodies(std::move(drawn));
}

Names Draw::nodeWithBodies(DrawnNode drawn)
{
    for (std::size_t i = 0; i < drawn.inputs.size(); ++i) {
        if (drawn.inputs[i].empty()) {
            form("omitted input");
        }
    }
    if (drawn.bodies.empty()) {
        evaluate(drawn);
    }
    m_graph.nodes.push_back(drawn);
    return drawn.outputs;
}

void Draw::evaluate(const DrawnNode& drawn)
{
    std::vector<core::Tensor> inputs;
    for (const std::string& name : drawn.inputs) {
        if (!name.empty() && !isKnown(name)) {
            return;
        }
        inputs.push_back(name.empty() ? core::Tensor() : tensor(name));
    }
    try {
        const auto results = core::findOperator(drawn.domain, drawn.type)
            ? core::evaluateNode(nodeOf(drawn, opset), inputs)
            : evaluateExpanded(drawn, nodeOf(drawn, opset), inputs);
        for (std::size_t i = 0; i < drawn.outputs.size() && i < results.size(); ++i) {
            if (!drawn.outputs[i].empty() && results[i].isDefined()) {
                m_values[drawn.outputs[i]] = results[i];
                m_pool.push_back(drawn.outputs[i]);
            }
        }
    } catch (const core::Error&) {
        // The oracles ask what other engines say to it.
    }
}

DrawnGraph Draw::finish()
{
    std::set<std::string> read;
    for (const DrawnNode& node : m_graph.nodes) {
        read.insert(node.inputs.begin(), node.inputs.end());
    }
    for (const DrawnNode& node : m_graph.nodes) {
        for (const std::string& output : node.outputs) {
            const bool isRead = read.contains(output);
            if (!output.empty() && (!isRead || (random.chance(0.08) && !m_constants.contains(output)))) {
                if (isRead) {
                    form("output read by others");
                }
                m_graph.outputs.push_back(output);
            }
        }
    }
    if (!m_graph.inputs.empty() && random.chance(0.03)) {
        form("input is output");
        m_graph.outputs.push_back(m_graph.inputs[0].name);
    }
    return std::move(m_graph);
}

} // namespace fuzz
