#include "tests/support/chain_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace support {

namespace {

using core::Shape;
using core::Tensor;

constexpr int kChannels = 8;

Tensor normalTensor(Shape shape, unsigned seed, float size)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, size);
    core::TensorBuilder builder(core::DataType::Float32, std::move(shape));
    std::ranges::generate(builder.as<float>(), [&] { return normal(random); });
    return std::move(builder).finish();
}

/// With rows (axis 0) changed by a function of channel and value.
template <typename Function>
Tensor withRows(const Tensor& tensor, Function function)
{
    core::TensorBuilder builder(core::DataType::Float32, tensor.shape());
    const auto src = tensor.as<float>();
    const std::size_t row = src.size() / static_cast<std::size_t>(tensor.shape()[0]);
    for (std::size_t i = 0; i < src.size(); ++i) {
        builder.as<float>()[i] = function(static_cast<int>(i / row), src[i]);
    }
    return std::move(builder).finish();
}

class Writer
{
public:
    core::ValueId node(const std::string& type, const std::string& name, std::vector<core::ValueId> inputs,
                       Shape shape, std::map<std::string, core::Attribute, std::less<>> attributes = {})
    {
        core::Node node;
        node.name = name;
        node.type = type;
        node.version = 13;
        node.inputs = std::move(inputs);
        node.outputs = {builder.value(name + "_out")};
        builder.declare(node.outputs[0], core::DataType::Float32, std::move(shape));
        node.attributes = std::move(attributes);
        const core::ValueId output = node.outputs[0];
        builder.node(std::move(node));
        return output;
    }
    core::ValueId clip(const std::string& name, core::ValueId x, Shape shape)
    {
        const auto low = builder.constant(name + "_low", core::makeTensor<float>({}, std::array{0.0f}));
        const auto high = builder.constant(name + "_high", core::makeTensor<float>({}, std::array{6.0f}));
        return node("Clip", name, {x, low, high}, std::move(shape));
    }

    core::GraphBuilder builder{"chain"};
};

class Images final : public core::Dataset
{
public:
    explicit Images(std::size_t count)
        : m_count(count)
    {
    }
    std::size_t size() const override { return m_count; }
    core::Sample load(std::size_t index) const override
    {
        std::mt19937 random(static_cast<unsigned>(1000 + index));
        std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
        core::TensorBuilder builder(core::DataType::Float32, {1, 3, 12, 12});
        std::ranges::generate(builder.as<float>(), [&] { return uniform(random); });
        return {{std::move(builder).finish()}, {}, 1};
    }
    std::string sampleName(std::size_t index) const override { return "#" + std::to_string(index); }
    std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    std::string fingerprint() const override { return "chain images " + std::to_string(m_count); }

private:
    std::size_t m_count;
};

} // namespace

std::shared_ptr<const core::Graph> chainNetwork(const ChainOptions& options)
{
    Writer w;
    const auto isDead = [&](int c) { return options.dead == c; };
    const auto ratioOf = [&](int c) {
        return static_cast<float>(std::pow(options.imbalance, c / (kChannels - 1.0)));
    };
    const auto x = w.builder.input("x", core::DataType::Float32, {1, 3, 12, 12});
    const auto image = w.clip("image", x, {1, 3, 12, 12}); // so that its range is known
    const auto w1 = withRows(normalTensor({kChannels, 3, 3, 3}, 1, 0.3f), [&](int c, float v) {
        // Images stay below 1 here, but the clip in front says 6.
        if (options.constant == c) {
            return v * 1e-11f;
        }
        return isDead(c) && options.deadOnlyOnData ? 0.02f : isDead(c) ? -std::fabs(v) - 0.01f : v;
    });
    std::vector<float> b1;
    for (int c = 0; c < kChannels; ++c) {
        b1.push_back(isDead(c) ? -0.6f : 0.1f * static_cast<float>(c)); // 27 · 0.02 · 1 < 0.6 < 27 · 0.02 · 6
    }
    const auto conv = w.node(
        "Conv", "conv",
        {image, w.builder.constant("w1", w1),
         w.builder.constant("b1", core::makeTensor<float>({kChannels}, std::span<const float>(b1)))},
        {1, kChannels, 6, 6},
        {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}, {"strides", std::vector<std::int64_t>{2, 2}}});
    const auto relu1 = w.clip("relu1", conv, {1, kChannels, 6, 6});
    const auto w2 = withRows(normalTensor({kChannels, 1, 3, 3}, 2, 0.4f),
                             [&](int c, float v) { return isDead(c) ? v * 40.0f : v / ratioOf(c); });
    const auto b2 =
        withRows(normalTensor({kChannels}, 3, 0.2f), [&](int c, float v) { return v / ratioOf(c); });
    core::TensorBuilder w3(core::DataType::Float32,
                           {6, kChannels, 1, 1}); // gives back what the depthwise channels lack
    const Tensor even = normalTensor({6, kChannels, 1, 1}, 4, 0.5f);
    for (std::size_t i = 0; i < even.as<float>().size(); ++i) {
        w3.as<float>()[i] = even.as<float>()[i] * ratioOf(static_cast<int>(i % kChannels));
    }
    const auto depthwise =
        w.node("Conv", "depthwise", {relu1, w.builder.constant("w2", w2), w.builder.constant("b2", b2)},
               {1, kChannels, 6, 6},
               {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}, {"group", std::int64_t{kChannels}}});
    const auto relu2 = w.clip("relu2", depthwise, {1, kChannels, 6, 6});
    const auto pointwise =
        w.node("Conv", "pointwise", {relu2, w.builder.constant("w3", std::move(w3).finish())}, {1, 6, 6, 6});
    const auto relu3 = w.node("Relu", "relu3", {pointwise}, {1, 6, 6, 6});
    const auto pool = w.node("GlobalAveragePool", "pool", {relu3}, {1, 6, 1, 1});
    const auto flat = w.node("Flatten", "flatten", {pool}, {1, 6});
    w.builder.output(
        w.node("Gemm", "fc", {flat, w.builder.constant("w4", normalTensor({6, 5}, 5, 1.0f))}, {1, 5}));
    return std::make_shared<const core::Graph>(std::move(w.builder).finish());
}

core::DataSource chainData(std::size_t count)
{
    core::DataSource data;
    data.evaluation = std::make_shared<Images>(count);
    data.calibration = data.evaluation;
    data.calibratesOnEvaluation = true;
    return data;
}

std::unique_ptr<core::Session> chainSession(const ChainOptions& options, std::size_t samples)
{
    core::SessionOptions session;
    session.threads = 1;
    return std::make_unique<core::Session>(
        chainNetwork(options), core::ModelInfo{"chain.onnx", "", 11, nullptr}, chainData(samples), session);
}

} // namespace support
