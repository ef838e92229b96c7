#include "tests/bench/resnet50.h"

#include "core/graph/bind_shapes.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

namespace bench {

namespace {

using core::DataType;
using core::ValueId;

class ResNet50Builder
{
public:
    explicit ResNet50Builder(unsigned seed)
        : m_builder("resnet50")
        , m_random(seed)
    {
    }

    core::Graph build()
    {
        ValueId x = m_builder.input("input", DataType::Float32, {1, 3, 224, 224});
        x = node("Relu", "conv1/relu", {convolution("conv1", x, 3, 64, 7, 2, 1.0f)}, {});
        x = node("MaxPool", "pool1", {x},
                 {{"kernel_shape", ints({3, 3})}, {"strides", ints({2, 2})}, {"pads", ints({1, 1, 1, 1})}});
        std::int64_t channels = 64;
        constexpr int kBlocksOfStage[]{3, 4, 6, 3};
        for (int stage = 0; stage < 4; ++stage) {
            for (int block = 0; block < kBlocksOfStage[stage]; ++block) {
                const std::string name =
                    "stage" + std::to_string(stage + 2) + "/block" + std::to_string(block + 1);
                const std::int64_t inner = std::int64_t{64} << stage;
                x = bottleneck(name, x, channels, inner, stage > 0 && block == 0 ? 2 : 1);
                channels = 4 * inner;
            }
        }
        x = node("GlobalAveragePool", "pool5", {x}, {});
        x = node("Flatten", "flatten", {x}, {{"axis", std::int64_t{1}}});
        m_builder.output(node("Gemm", "fc",
                              {x, weights("fc/w", {1000, channels}, channels, 1.0f), bias("fc/b", 1000)},
                              {{"transB", std::int64_t{1}}}));
        return std::move(m_builder).finish();
    }

private:
    using Attributes = std::map<std::string, core::Attribute, std::less<>>;

    static core::Attribute ints(std::vector<std::int64_t> values) { return values; }

    ValueId weights(const std::string& name, core::Shape shape, std::int64_t fanIn, float gain)
    {
        std::normal_distribution<float> normal(0.0f, gain * std::sqrt(2.0f / static_cast<float>(fanIn)));
        core::TensorBuilder tensor(DataType::Float32, std::move(shape));
        std::ranges::generate(tensor.as<float>(), [&] { return normal(m_random); });
        return m_builder.constant(name, std::move(tensor).finish());
    }

    ValueId bias(const std::string& name, std::int64_t channels)
    {
        std::normal_distribution<float> normal(0.0f, 0.05f);
        core::TensorBuilder tensor(DataType::Float32, {channels});
        std::ranges::generate(tensor.as<float>(), [&] { return normal(m_random); });
        return m_builder.constant(name, std::move(tensor).finish());
    }

    ValueId node(const std::string& type, const std::string& name, std::vector<ValueId> inputs,
                 Attributes attributes)
    {
        core::Node n;
        n.name = name;
        n.type = type;
        n.version = 13;
        n.inputs = std::move(inputs);
        n.outputs = {m_builder.value(name + "_out")};
        n.attributes = std::move(attributes);
        const ValueId output = n.outputs[0];
        m_builder.node(std::move(n));
        return output;
    }

    ValueId convolution(const std::string& name, ValueId x, std::int64_t in, std::int64_t out,
                        std::int64_t kernel, std::int64_t stride, float gain)
    {
        const std::int64_t pad = kernel / 2;
        return node("Conv", name,
                    {x, weights(name + "/w", {out, in, kernel, kernel}, in * kernel * kernel, gain),
                     bias(name + "/b", out)},
                    {{"kernel_shape", ints({kernel, kernel})},
                     {"strides", ints({stride, stride})},
                     {"pads", ints({pad, pad, pad, pad})}});
    }

    ValueId bottleneck(const std::string& name, ValueId x, std::int64_t in, std::int64_t inner,
                       std::int64_t stride)
    {
        ValueId y =
            node("Relu", name + "/relu1", {convolution(name + "/conv1", x, in, inner, 1, stride, 1.0f)}, {});
        y = node("Relu", name + "/relu2", {convolution(name + "/conv2", y, inner, inner, 3, 1, 1.0f)}, {});
        // A small last gain: without normalization the sums of sixteen blocks would grow from stage to stage.
        y = convolution(name + "/conv3", y, inner, 4 * inner, 1, 1, 0.3f);
        const ValueId side =
            in == 4 * inner ? x : convolution(name + "/projection", x, in, 4 * inner, 1, stride, 0.7f);
        return node("Relu", name + "/relu3", {node("Add", name + "/add", {y, side}, {})}, {});
    }

    core::GraphBuilder m_builder;
    std::mt19937 m_random;
};

} // namespace

std::shared_ptr<const core::Graph> resNet50(unsigned seed)
{
    return core::bindShapes(ResNet50Builder(seed).build(), {{1, 3, 224, 224}});
}

} // namespace bench
