#include "core/sensitivity/reverse_pass.h"

#include "core/execution/executable_support.h"
#include "core/graph/bind_shapes.h"
#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace {

using core::Shape;
using core::Tensor;
using core::ValueId;

Tensor randomTensor(const Shape& shape, std::uint64_t seed, float low = -1.0f, float high = 1.0f)
{
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<float> uniform(low, high);
    core::TensorBuilder builder(core::DataType::Float32, shape);
    for (float& value : builder.as<float>()) {
        value = uniform(random);
    }
    return std::move(builder).finish();
}

Tensor rows(const Tensor& tensor) { return core::toLayout(tensor, core::Layout::RowMajor); }

Tensor sumOf(const Tensor& a, const Tensor& b, float factor)
{
    core::TensorBuilder builder(core::DataType::Float32, a.shape());
    for (std::size_t i = 0; i < builder.as<float>().size(); ++i) {
        builder.as<float>()[i] = a.as<float>()[i] + factor * b.as<float>()[i];
    }
    return std::move(builder).finish();
}

double dot(const Tensor& a, const Tensor& b)
{
    const Tensor x = rows(a);
    const Tensor y = rows(b);
    double sum = 0.0;
    for (std::size_t i = 0; i < x.as<float>().size(); ++i) {
        sum += static_cast<double>(x.as<float>()[i]) * y.as<float>()[i];
    }
    return sum;
}

/// Compares the pass with central differences of Σ direction·output along random directions of every input.
/// Errors are relative to what the elements of the product would add up to at random.
void expectEqualsDifferences(const core::Pipeline& pipeline, const std::vector<Tensor>& inputs, float step,
                             double tolerance)
{
    const ValueId output = pipeline.graph().graph->outputs()[0];
    const core::ReversePass pass(pipeline, output);
    ASSERT_TRUE(pass.ends().empty()) << pass.ends()[0];
    core::Sample sample;
    sample.inputs = inputs;
    const core::SampleValues at = pipeline.runFloat(sample);
    const Tensor direction = randomTensor(at[core::indexOf(output)].shape(), 5);
    const core::SampleValues gradients = pass.run(at, sample, direction);
    const auto loss = [&](std::size_t k, const Tensor& along, float factor) {
        core::Sample moved = sample;
        moved.inputs[k] = sumOf(inputs[k], along, factor);
        return dot(pipeline.runFloat(moved)[core::indexOf(output)], direction);
    };
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        const Tensor& gradient = gradients[core::indexOf(pipeline.graph().graph->inputs()[k])];
        ASSERT_TRUE(gradient.isDefined());
        EXPECT_EQ(gradient.shape(), inputs[k].shape());
        for (std::uint64_t seed = 20; seed < 24; ++seed) {
            const Tensor along = randomTensor(inputs[k].shape(), seed);
            const double measured = (loss(k, along, step) - loss(k, along, -step)) / (2.0 * step);
            double squares = 0.0;
            const Tensor g = rows(gradient);
            for (std::size_t i = 0; i < g.as<float>().size(); ++i) {
                squares += std::pow(static_cast<double>(g.as<float>()[i]) * along.as<float>()[i], 2);
            }
            EXPECT_GT(squares, 0.0);
            EXPECT_NEAR(dot(g, along), measured, tolerance * std::sqrt(squares)) << "input " << k;
        }
    }
}

struct Case
{
    std::string label;
    std::string type;
    std::map<std::string, core::Attribute, std::less<>> attributes;
    std::vector<Shape> inputs;
    std::vector<Tensor> constants;
    std::string follower{}; ///< a Relu or the like to be fused
    bool addsInput = false; ///< the last input is added behind the node: a residual
    float low = -1.0f;
    int version = 17;
    std::size_t constantsFirst = 0; ///< how many constants come before the inputs
};

std::unique_ptr<core::Pipeline> pipelineOf(const Case& c)
{
    core::GraphBuilder builder("rule");
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        inputs.push_back(builder.input("x" + std::to_string(i), core::DataType::Float32, c.inputs[i]));
    }
    core::Node node;
    node.type = c.type;
    node.version = c.version;
    node.attributes = c.attributes;
    std::vector<ValueId> constants;
    for (std::size_t i = 0; i < c.constants.size(); ++i) {
        constants.push_back(builder.constant("c" + std::to_string(i), c.constants[i]));
    }
    node.inputs.assign(constants.begin(), constants.begin() + static_cast<std::ptrdiff_t>(c.constantsFirst));
    node.inputs.insert(node.inputs.end(), inputs.begin(), inputs.end() - (c.addsInput ? 1 : 0));
    node.inputs.insert(node.inputs.end(), constants.begin() + static_cast<std::ptrdiff_t>(c.constantsFirst),
                       constants.end());
    ValueId last = builder.value("y");
    node.outputs = {last};
    builder.node(std::move(node));
    const auto follow = [&](const std::string& type, std::vector<ValueId> from) {
        core::Node next;
        next.type = type;
        next.version = c.version;
        next.inputs = std::move(from);
        last = builder.value(type + "_out");
        next.outputs = {last};
        builder.node(std::move(next));
    };
    if (c.addsInput) {
        follow("Add", {last, inputs.back()});
    }
    if (c.follower == "Clip") {
        const ValueId low = builder.constant("low", core::makeTensor<float>({}, std::vector{0.0f}));
        const ValueId high = builder.constant("high", core::makeTensor<float>({}, std::vector{0.4f}));
        follow("Clip", {last, low, high});
    } else if (!c.follower.empty()) {
        follow(c.follower, {last});
    }
    builder.output(last);
    return std::make_unique<core::Pipeline>(
        core::fuseOperators(core::bindShapes(std::move(builder).finish(), c.inputs), {}));
}

class ReverseRules : public testing::TestWithParam<Case>
{
};

TEST_P(ReverseRules, EqualCentralDifferences)
{
    const Case& c = GetParam();
    const auto pipeline = pipelineOf(c);
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        inputs.push_back(randomTensor(c.inputs[i], 11 + i, c.low, 1.0f));
    }
    expectEqualsDifferences(*pipeline, inputs, c.follower.empty() ? 1e-3f : 1e-4f, 0.02); // few cross a kink
}

using Ints = std::vector<std::int64_t>;

Tensor integers(const Ints& values)
{
    return core::makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())},
                                          std::span<const std::int64_t>(values));
}

const Tensor kBias8 = randomTensor({8}, 2);

std::vector<Case> cases()
{
    const Shape image{1, 4, 9, 7};
    const Tensor w3 = randomTensor({8, 4, 3, 3}, 1);
    return {
        {"Conv", "Conv", {{"pads", Ints{1, 1, 1, 1}}}, {image}, {w3, kBias8}},
        {"ConvStride", "Conv", {{"strides", Ints{2, 2}}, {"pads", Ints{0, 1, 1, 0}}}, {image}, {w3}},
        {"ConvDilated", "Conv", {{"dilations", Ints{2, 1}}}, {image}, {w3}},
        {"ConvSame",
         "Conv",
         {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2, 2}}},
         {image},
         {w3}},
        {"ConvGrouped", "Conv", {{"group", std::int64_t{2}}}, {image}, {randomTensor({8, 2, 3, 3}, 1)}},
        {"ConvDepthwise",
         "Conv",
         {{"group", std::int64_t{4}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}},
         {image},
         {randomTensor({4, 1, 3, 3}, 1)}},
        {"Conv1d", "Conv", {}, {{1, 4, 9}}, {randomTensor({8, 4, 3}, 1)}},
        {"ConvRelu", "Conv", {}, {image}, {w3, kBias8}, "Relu"},
        {"ConvClip", "Conv", {}, {image}, {w3, kBias8}, "Clip"},
        {"ConvResidual", "Conv", {{"pads", Ints{1, 1, 1, 1}}}, {image, {1, 8, 9, 7}}, {w3}, "Relu", true},
        {"ConvTranspose",
         "ConvTranspose",
         {{"strides", Ints{2, 2}}},
         {image},
         {randomTensor({4, 8, 3, 3}, 1)}},
        {"Gemm", "Gemm", {}, {{1, 6}}, {randomTensor({6, 8}, 1), kBias8}},
        {"GemmTransposed",
         "Gemm",
         {{"transB", std::int64_t{1}}},
         {{1, 6}},
         {randomTensor({8, 6}, 1), kBias8}},
        {"MatMul", "MatMul", {}, {{1, 5, 6}}, {randomTensor({6, 8}, 1)}},
        {"MatMulSigmoid", "MatMul", {}, {{1, 5, 6}}, {randomTensor({6, 8}, 1)}, "Sigmoid"},
        {"MaxPool", "MaxPool", {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}}, {image}, {}},
        {"MaxPoolPadded", "MaxPool", {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}}, {image}, {}},
        {"AveragePool",
         "AveragePool",
         {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}},
         {image},
         {}},
        {"AveragePoolCountsPadding",
         "AveragePool",
         {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}, {"count_include_pad", std::int64_t{1}}},
         {image},
         {}},
        {"GlobalAveragePool", "GlobalAveragePool", {}, {image}, {}},
        {"GlobalMaxPool", "GlobalMaxPool", {}, {image}, {}},
        {"Add", "Add", {}, {image, image}, {}, "Relu"},
        {"AddBroadcast", "Add", {}, {image, {4, 1, 1}}, {}},
        {"Sub", "Sub", {}, {image, {1, 4, 1, 7}}, {}},
        {"Mul", "Mul", {}, {image, {1, 4, 1, 1}}, {}},
        {"MulConstant", "Mul", {}, {image}, {randomTensor({4, 1, 1}, 1)}},
        {"Div", "Div", {}, {image, image}, {}, "", false, 0.5f},
        {"LeakyRelu", "LeakyRelu", {{"alpha", 0.2f}}, {image}, {}},
        {"Sigmoid", "Sigmoid", {}, {image}, {}},
        {"Tanh", "Tanh", {}, {image}, {}},
        {"HardSwish", "HardSwish", {}, {image}, {}},
        {"Exp", "Exp", {}, {image}, {}},
        {"Softmax", "Softmax", {{"axis", std::int64_t{1}}}, {image}, {}},
        {"SoftmaxBeforeOpset13",
         "Softmax",
         {{"axis", std::int64_t{1}}},
         {{1, 3, 4}},
         {},
         "",
         false,
         -1.0f,
         11},
        {"BatchNormalization",
         "BatchNormalization",
         {},
         {image},
         {randomTensor({4}, 1), randomTensor({4}, 2), randomTensor({4}, 3),
          randomTensor({4}, 4, 0.5f, 2.0f)}},
        {"Concat", "Concat", {{"axis", std::int64_t{1}}}, {image, {1, 2, 9, 7}}, {}},
        {"Transpose", "Transpose", {{"perm", Ints{0, 2, 3, 1}}}, {image}, {}},
        {"Flatten", "Flatten", {}, {image}, {}},
        {"Reshape", "Reshape", {}, {image}, {integers({1, 12, 21})}},
        {"Slice",
         "Slice",
         {},
         {image},
         {integers({1, 0}), integers({9, 7}), integers({2, 3}), integers({2, 2})}},
        {"Pad",
         "Pad",
         {},
         {image},
         {integers({0, 1, 0, 0, 0, 2, 1, 0}), core::makeTensor<float>({}, std::vector{0.5f})}},
        {"Gather", "Gather", {{"axis", std::int64_t{1}}}, {image}, {integers({2, 0, 2})}},
        {"ReduceMean", "ReduceMean", {{"axes", Ints{2, 3}}}, {image}, {}},
        {"ReduceSum", "ReduceSum", {{"keepdims", std::int64_t{0}}}, {image}, {integers({1})}},
    };
}

INSTANTIATE_TEST_SUITE_P(Types, ReverseRules, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.label; });

TEST(ReversePass, GoesThroughAWholeNetwork)
{
    const auto data = support::chainData(1);
    const core::Sample sample = data.evaluation->load(0);
    const core::Pipeline plain(core::fuseOperators(support::chainNetwork(), {}));
    expectEqualsDifferences(plain, sample.inputs, 1e-3f, 0.02);
    core::FusionOptions equalizing; // whose bounds differ by channel
    equalizing.equalize.all = true;
    const core::Pipeline bounded(
        core::fuseOperators(support::chainNetwork({300.0, std::nullopt, false, std::nullopt}), equalizing));
    expectEqualsDifferences(bounded, sample.inputs, 1e-3f, 0.02);
}

TEST(ReversePass, EndsWhereThereIsNoRule)
{
    // A product of two activations has none.
    core::GraphBuilder builder("ends");
    const ValueId x = builder.input("x", core::DataType::Float32, {1, 4, 4});
    const auto node = [&](const std::string& name, const std::string& type, std::vector<ValueId> from) {
        core::Node made;
        made.name = name;
        made.type = type;
        made.version = 17;
        made.inputs = std::move(from);
        const ValueId result = builder.value(name + "_out");
        made.outputs = {result};
        builder.node(std::move(made));
        return result;
    };
    const ValueId before = node("before", "Tanh", {x});
    const ValueId product = node("product", "MatMul", {before, before});
    const ValueId behind = node("behind", "Tanh", {product});
    const ValueId aside = node("aside", "Sigmoid", {x});
    builder.output(node("sum", "Add", {behind, aside}));
    const core::Pipeline pipeline(
        core::fuseOperators(core::bindShapes(std::move(builder).finish(), {{1, 4, 4}}), {}));
    const core::ReversePass pass(pipeline, pipeline.graph().graph->outputs()[0]);
    EXPECT_EQ(pass.ends(), std::vector<std::string>{"product"});
    const auto reaches = [&](const char* name) {
        return pass.reaches(*pipeline.graph().graph->findValue(name));
    };
    EXPECT_TRUE(reaches("behind_out") && reaches("product_out") && reaches("aside_out"));
    EXPECT_FALSE(reaches("before_out") || reaches("x"));
}

} // namespace
