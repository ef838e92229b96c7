#include "tests/support/planted_faults.h"

#include "core/graph/bind_shapes.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace support {

namespace {

class DerivedDataset : public core::Dataset
{
public:
    DerivedDataset(std::shared_ptr<const core::Dataset> data, std::size_t first, std::size_t count,
                   std::string what, EditInput edit)
        : m_data(std::move(data))
        , m_first(first)
        , m_count(count)
        , m_what(std::move(what))
        , m_edit(std::move(edit))
    {
    }

    [[nodiscard]] std::size_t size() const override { return m_count; }
    [[nodiscard]] core::Sample load(std::size_t index) const override
    {
        core::Sample sample = m_data->load(m_first + index);
        if (m_edit) {
            const core::Tensor& input = sample.inputs[0];
            std::vector<float> values(input.as<float>().begin(), input.as<float>().end());
            m_edit(values, input.shape(), index);
            sample.inputs[0] = core::makeTensor<float>(input.shape(), values);
        }
        return sample;
    }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return m_data->sampleName(m_first + index);
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override
    {
        return m_data->picture(m_first + index);
    }
    [[nodiscard]] bool hasLabels() const override { return m_data->hasLabels(); }
    [[nodiscard]] std::vector<std::optional<std::int64_t>> labels(std::size_t index) const override
    {
        return m_data->labels(m_first + index);
    }
    [[nodiscard]] std::string fingerprint() const override
    {
        return m_data->fingerprint() + "|" + std::to_string(m_first) + "+" + std::to_string(m_count) + m_what;
    }

private:
    std::shared_ptr<const core::Dataset> m_data;
    std::size_t m_first;
    std::size_t m_count;
    std::string m_what;
    EditInput m_edit;
};

std::vector<float> floatsOf(const core::Tensor& tensor)
{
    return {tensor.as<float>().begin(), tensor.as<float>().end()};
}

core::Tensor randomTensor(core::Shape shape, float spread, std::mt19937& random)
{
    std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
    std::normal_distribution<float> normal(0.0f, spread);
    std::ranges::generate(values, [&] { return normal(random); });
    return core::makeTensor<float>(std::move(shape), values);
}

/// Weights of the first with one output channel changed, and of the second with that input channel changed.
std::shared_ptr<const core::Graph> withPair(const core::OperatorGraph& graph, const ConvPair& pair,
                                            std::size_t channel, float weight, float biasFactor,
                                            float biasOffset, float reader)
{
    const core::Operator& first = graph.operators[pair.first];
    const core::Operator& second = graph.operators[pair.second];
    std::map<std::string, core::Tensor> constants;
    std::vector<float> weights = floatsOf(*first.constants[1]);
    const std::size_t perChannel = weights.size() / static_cast<std::size_t>(first.constants[1]->shape()[0]);
    for (std::size_t i = 0; i < perChannel; ++i) {
        weights[channel * perChannel + i] *= weight;
    }
    constants[graph.value(first.node.inputs[1]).name] =
        core::makeTensor<float>(first.constants[1]->shape(), weights);
    std::vector<float> bias = floatsOf(*first.constants[2]);
    bias[channel] = bias[channel] * biasFactor + biasOffset;
    constants[graph.value(first.node.inputs[2]).name] =
        core::makeTensor<float>(first.constants[2]->shape(), bias);
    std::vector<float> readers = floatsOf(*second.constants[1]);
    const core::Shape& shape = second.constants[1]->shape();
    const auto inner = static_cast<std::size_t>(core::elementCount(shape) / (shape[0] * shape[1]));
    const auto sources = static_cast<std::size_t>(shape[1]);
    const bool isDepthwise = second.node.integer("group", 1) > 1;
    for (std::size_t i = 0; i < readers.size(); ++i) {
        const std::size_t source = isDepthwise ? i / (inner * sources) : i / inner % sources;
        readers[i] *= source == channel ? reader : 1.0f;
    }
    constants[graph.value(second.node.inputs[1]).name] = core::makeTensor<float>(shape, readers);
    return withConstants(*graph.graph, constants);
}

} // namespace

std::shared_ptr<const core::Dataset> samplesOf(std::shared_ptr<const core::Dataset> data, std::size_t first,
                                               std::size_t count)
{
    first = std::min(first, data->size());
    count = std::min(count, data->size() - first);
    return std::make_shared<DerivedDataset>(std::move(data), first, count, std::string(), EditInput());
}

std::shared_ptr<const core::Dataset> withInput(std::shared_ptr<const core::Dataset> data,
                                               const std::string& what, EditInput edit)
{
    const std::size_t count = data->size();
    return std::make_shared<DerivedDataset>(std::move(data), 0, count, what, std::move(edit));
}

EditInput swapColors(std::vector<float> mean, std::vector<float> deviation)
{
    return [=](std::vector<float>& values, const core::Shape&, std::size_t) {
        const std::size_t plane = values.size() / 3;
        for (std::size_t i = 0; i < plane; ++i) {
            const float red = values[i] * deviation[0] + mean[0];
            const float blue = values[2 * plane + i] * deviation[2] + mean[2];
            values[i] = (blue - mean[0]) / deviation[0];
            values[2 * plane + i] = (red - mean[2]) / deviation[2];
        }
    };
}

EditInput scaleBy(float factor)
{
    return [factor](std::vector<float>& values, const core::Shape&, std::size_t) {
        std::ranges::for_each(values, [factor](float& v) { v *= factor; });
    };
}

EditInput shiftBy(float offset)
{
    return [offset](std::vector<float>& values, const core::Shape&, std::size_t) {
        std::ranges::for_each(values, [offset](float& v) { v += offset; });
    };
}

EditInput scaleOneSample(std::size_t which, float factor)
{
    return [which, factor](std::vector<float>& values, const core::Shape&, std::size_t index) {
        std::ranges::for_each(values, [&](float& v) { v *= index == which ? factor : 1.0f; });
    };
}

EditInput blank()
{
    return
        [](std::vector<float>& values, const core::Shape&, std::size_t) { std::ranges::fill(values, 0.0f); };
}

EditInput interleave()
{
    return [](std::vector<float>& values, const core::Shape& shape, std::size_t) {
        const std::vector<float> planar = values;
        const auto channels = static_cast<std::size_t>(shape[1]);
        const std::size_t plane = values.size() / channels;
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = planar[i % channels * plane + i / channels];
        }
    };
}

std::shared_ptr<const core::Graph> withConstants(const core::Graph& graph,
                                                 const std::map<std::string, core::Tensor>& constants)
{
    core::GraphBuilder builder(graph.name());
    std::vector<core::ValueId> ids;
    for (const core::Value& value : graph.values()) {
        const bool isInput =
            std::ranges::any_of(graph.inputs(), [&](core::ValueId id) { return &graph.value(id) == &value; });
        if (isInput) {
            ids.push_back(builder.input(value.name, value.type, value.shape, value.hasShape));
        } else if (value.constant) {
            const auto other = constants.find(value.name);
            ids.push_back(
                builder.constant(value.name, other == constants.end() ? *value.constant : other->second));
        } else {
            ids.push_back(builder.value(value.name));
            if (value.hasShape) {
                builder.declare(ids.back(), value.type, value.shape);
            }
        }
    }
    const auto moved = [&](core::ValueId id) { return id == core::kNoValue ? id : ids[core::indexOf(id)]; };
    for (core::Node node : graph.nodes()) {
        std::ranges::transform(node.inputs, node.inputs.begin(), moved);
        std::ranges::transform(node.outputs, node.outputs.begin(), moved);
        builder.node(std::move(node));
    }
    for (const core::ValueId id : graph.outputs()) {
        builder.output(moved(id));
    }
    return std::make_shared<const core::Graph>(std::move(builder).finish());
}

std::vector<ConvPair> convPairs(const core::OperatorGraph& graph)
{
    const auto hasOwnWeights = [&](const core::Operator& op) {
        return op.type == "Conv" && graph.value(op.node.inputs[1]).constant
            && std::ranges::none_of(op.nodes, [&](core::NodeId id) {
                   return graph.graph->node(id).type == "BatchNormalization";
               });
    };
    const auto hasOwnBias = [&](const core::Operator& op) {
        return op.node.inputs.size() > 2 && op.constants.size() > 2 && op.constants[2]
            && graph.value(op.node.inputs[2]).constant;
    };
    using Kind = kernels::Activation::Kind;
    std::vector<ConvPair> pairs;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const bool scales = op.activation.kind == Kind::None || op.activation.kind == Kind::Relu;
        if (!hasOwnWeights(op) || !hasOwnBias(op) || op.residual || !scales
            || graph.consumersOf[core::indexOf(op.result())].size() != 1) {
            continue;
        }
        const core::OperatorId reader = graph.consumersOf[core::indexOf(op.result())][0];
        const core::Operator& second = graph.at(reader);
        if (hasOwnWeights(second) && second.inputs[0] == op.result()) {
            pairs.push_back({i, core::indexOf(reader)});
        }
    }
    return pairs;
}

std::shared_ptr<const core::Graph> scaleChannel(const core::OperatorGraph& graph, const ConvPair& pair,
                                                std::size_t channel, float factor)
{
    return withPair(graph, pair, channel, factor, factor, 0.0f, 1.0f / factor);
}

std::shared_ptr<const core::Graph> constantChannel(const core::OperatorGraph& graph, const ConvPair& pair,
                                                   std::size_t channel, float value)
{
    return withPair(graph, pair, channel, 0.0f, 0.0f, value, 0.0f);
}

std::shared_ptr<const core::Graph> concatNetwork(float factor, unsigned seed)
{
    std::mt19937 random(seed);
    core::GraphBuilder builder("concat");
    const core::ValueId input = builder.input("input", core::DataType::Float32, {1, 3, 32, 32});
    const auto conv = [&](const std::string& name, core::ValueId src, core::Tensor weights,
                          std::int64_t group) {
        const core::ValueId result = builder.value(name + "_out");
        core::Node node;
        node.name = name;
        node.type = "Conv";
        node.version = 13;
        node.inputs = {src, builder.constant(name + "_w", std::move(weights))};
        node.outputs = {result};
        node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
        node.attributes["group"] = group;
        builder.node(std::move(node));
        return result;
    };
    const auto scaled = [](const core::Tensor& tensor, float by, std::size_t from) {
        std::vector<float> values = floatsOf(tensor);
        std::for_each(values.begin() + static_cast<std::ptrdiff_t>(from), values.end(),
                      [by](float& v) { v *= by; });
        return core::makeTensor<float>(tensor.shape(), values);
    };
    const core::ValueId large = conv("large", input, randomTensor({8, 3, 3, 3}, 0.2f, random), 1);
    const core::ValueId small =
        conv("small", input, scaled(randomTensor({8, 3, 3, 3}, 0.2f, random), 1.0f / factor, 0), 1);
    const core::ValueId joined = builder.value("joined");
    core::Node join;
    join.name = "join";
    join.type = "Concat";
    join.version = 13;
    join.inputs = {large, small};
    join.outputs = {joined};
    join.attributes["axis"] = std::int64_t{1};
    builder.node(std::move(join));
    // Two groups: what reads the small branch makes up for it and has scales of its own.
    const std::size_t half = 2 * 8 * 9;
    const core::ValueId last =
        conv("last", joined, scaled(randomTensor({4, 8, 3, 3}, 0.1f, random), factor, half), 2);
    builder.output(last);
    return core::bindShapes(std::move(builder).finish(), {{1, 3, 32, 32}});
}

std::shared_ptr<const core::Graph> saturatingNetwork(unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> nearlyEqual(0.04f, 0.05f);
    std::vector<float> weights(8 * 3 * 9);
    std::ranges::generate(weights, [&] { return nearlyEqual(random); });
    core::GraphBuilder builder("saturating");
    core::ValueId value = builder.input("input", core::DataType::Float32, {1, 3, 32, 32});
    const auto conv = [&](const std::string& name, core::Tensor kernel) {
        core::Node node;
        node.name = name;
        node.type = "Conv";
        node.version = 13;
        node.inputs = {value, builder.constant(name + "_w", std::move(kernel))};
        value = builder.value(name + "_out");
        node.outputs = {value};
        builder.node(std::move(node));
    };
    conv("saturating", core::makeTensor<float>({8, 3, 3, 3}, weights));
    conv("last", randomTensor({4, 8, 3, 3}, 0.1f, random));
    builder.output(value);
    return core::bindShapes(std::move(builder).finish(), {{1, 3, 32, 32}});
}

} // namespace support
