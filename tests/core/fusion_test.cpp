#include "core/network/operator_graph.h"

#include <gtest/gtest.h>

namespace {

using core::DataType;
using core::GraphBuilder;
using core::Shape;
using core::Tensor;

Tensor floats(Shape shape, float value)
{
    const std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)), value);
    return core::makeTensor<float>(std::move(shape), std::span<const float>(values));
}

/// Adds a node whose output has that shape.
core::ValueId add(GraphBuilder& b, const std::string& type, const std::string& name,
                  std::vector<core::ValueId> inputs, Shape shape,
                  std::map<std::string, core::Attribute, std::less<>> attributes = {})
{
    const core::ValueId output = b.value(name + "_out");
    b.declare(output, DataType::Float32, std::move(shape));
    core::Node node;
    node.name = name;
    node.type = type;
    node.version = 13;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    node.attributes = std::move(attributes);
    b.node(std::move(node));
    return output;
}

core::ValueId conv(GraphBuilder& b, const std::string& name, core::ValueId x)
{
    const auto w = b.constant(name + "_w", floats({2, 2, 1, 1}, 0.5f));
    return add(b, "Conv", name, {x, w}, {1, 2, 4, 4}, {{"kernel_shape", std::vector<std::int64_t>{1, 1}}});
}

std::vector<std::string> namesOf(const core::OperatorGraph& graph)
{
    std::vector<std::string> names;
    for (const auto& op : graph.operators) {
        names.push_back(op.name);
    }
    return names;
}

std::shared_ptr<const core::OperatorGraph> fused(GraphBuilder&& b, core::FusionOptions options = {})
{
    return core::fuseOperators(std::make_shared<const core::Graph>(std::move(b).finish()), options);
}

TEST(Fusion, FoldsBatchNormalizationBiasAndRelu)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 4, 4});
    const auto y = conv(b, "conv", x);
    const auto bn = add(b, "BatchNormalization", "bn",
                        {y, b.constant("gamma", floats({2}, 2.0f)), b.constant("beta", floats({2}, 3.0f)),
                         b.constant("mean", floats({2}, 1.0f)), b.constant("var", floats({2}, 4.0f))},
                        {1, 2, 4, 4}, {{"epsilon", 0.0f}});
    b.output(add(b, "Relu", "relu", {bn}, {1, 2, 4, 4}));
    const auto graph = fused(std::move(b));
    ASSERT_EQ(namesOf(*graph), (std::vector<std::string>{"x", "conv"}));
    const core::Operator& op = graph->operators[1];
    EXPECT_EQ(op.nodeNames, (std::vector<std::string>{"conv", "bn", "relu"}));
    EXPECT_EQ(op.activation.kind, kernels::Activation::Kind::Relu);
    EXPECT_FLOAT_EQ(op.constants[1]->as<float>()[0], 0.5f); // alpha = 2 / sqrt(4) = 1
    EXPECT_FLOAT_EQ(op.constants[2]->as<float>()[0], 2.0f); // 1·(0 − 1) + 3
    EXPECT_EQ(graph->value(op.outputs[0]).name, "relu_out");
}

TEST(Fusion, GivesTheResidualAddToTheLaterConvolution)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 4, 4});
    const auto left = conv(b, "left", x);
    const auto right = conv(b, "right", x);
    b.output(add(b, "Relu", "relu", {add(b, "Add", "add", {left, right}, {1, 2, 4, 4})}, {1, 2, 4, 4}));
    const auto graph = fused(std::move(b));
    ASSERT_EQ(namesOf(*graph), (std::vector<std::string>{"x", "left", "right"}));
    EXPECT_FALSE(graph->operators[1].residual);
    ASSERT_TRUE(graph->operators[2].residual);
    EXPECT_EQ(graph->value(graph->operators[2].inputs[3]).name, "left_out");
}

TEST(Fusion, KeepsTheAddApartWhenAsked)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 4, 4});
    const auto left = conv(b, "left", x);
    b.output(add(b, "Relu", "relu", {add(b, "Add", "add", {left, x}, {1, 2, 4, 4})}, {1, 2, 4, 4}));
    core::FusionOptions options;
    options.residualByName["left"] = false;
    const auto graph = fused(std::move(b), options);
    EXPECT_EQ(namesOf(*graph), (std::vector<std::string>{"x", "left", "add"}));
    EXPECT_EQ(graph->operators[2].activation.kind, kernels::Activation::Kind::Relu);
}

TEST(Fusion, LeavesAValueAloneThatSomethingElseReads)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 4, 4});
    const auto y = conv(b, "conv", x);
    b.output(y);
    b.output(add(b, "Relu", "relu", {y}, {1, 2, 4, 4}));
    EXPECT_EQ(namesOf(*fused(std::move(b))), (std::vector<std::string>{"x", "conv", "relu"}));
}

TEST(Fusion, AbsorbsSpatialZeroPadding)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 2, 2});
    const auto pads = b.constant(
        "pads", core::makeTensor<std::int64_t>({8}, std::vector<std::int64_t>{0, 0, 1, 1, 0, 0, 1, 1}));
    const auto padded = add(b, "Pad", "pad", {x, pads}, {1, 2, 4, 4});
    b.output(conv(b, "conv", padded));
    const auto graph = fused(std::move(b));
    ASSERT_EQ(namesOf(*graph), (std::vector<std::string>{"x", "conv"}));
    EXPECT_EQ(graph->operators[1].node.integers("pads"), (std::vector<std::int64_t>{1, 1, 1, 1}));
    EXPECT_EQ(graph->operators[1].nodeNames, (std::vector<std::string>{"pad", "conv"}));
}

TEST(Fusion, OffMeansOneOperatorPerNode)
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 2, 4, 4});
    b.output(add(b, "Relu", "relu", {conv(b, "conv", x)}, {1, 2, 4, 4}));
    core::FusionOptions options;
    options.enabled = false;
    EXPECT_EQ(namesOf(*fused(std::move(b), options)), (std::vector<std::string>{"x", "conv", "relu"}));
}

} // namespace
