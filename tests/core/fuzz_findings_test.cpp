#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

// What tests/fuzz found and was mended, smallest graphs first.
namespace {

core::Node node(const std::string& type, std::vector<core::ValueId> inputs,
                std::vector<core::ValueId> outputs)
{
    core::Node made;
    made.name = type;
    made.type = type;
    made.version = 13;
    made.inputs = std::move(inputs);
    made.outputs = std::move(outputs);
    return made;
}

TEST(FuzzFindings, SignOfNaNIsNaN)
{
    const std::array values{std::numeric_limits<float>::quiet_NaN(), -2.0f, 0.0f, 3.0f};
    const std::array inputs{core::makeTensor<float>({4}, values)};
    const auto y = core::evaluateNode(node("Sign", {core::ValueId(0)}, {core::ValueId(1)}), inputs).at(0);
    EXPECT_TRUE(std::isnan(y.as<float>()[0]));
    EXPECT_EQ(y.as<float>()[1], -1.0f);
    EXPECT_EQ(y.as<float>()[2], 0.0f);
    EXPECT_EQ(y.as<float>()[3], 1.0f);
}

TEST(FuzzFindings, InferenceReturnsOutputsThatFoldToConstants)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Float32, {2});
    const auto c = builder.constant("c", core::makeTensor<float>({2}, std::array{1.0f, -2.0f}));
    const auto y = builder.value("y");
    const auto z = builder.value("z");
    builder.node(node("Relu", {x}, {y}));
    builder.node(node("Neg", {c}, {z}));
    builder.output(y);
    builder.output(z);
    const core::Graph graph = std::move(builder).finish();
    const core::Pipeline pipeline(core::fuseOperators(core::bindShapes(graph, {{2}}), {}));
    const core::Sample sample{{core::makeTensor<float>({2}, std::array{-1.0f, 5.0f})}, {}, 1};
    const auto outputs = core::Inference(pipeline).run(sample);
    ASSERT_EQ(outputs.size(), 2U);
    ASSERT_EQ(outputs[1].count(), 2);
    EXPECT_EQ(outputs[0].as<float>()[1], 5.0f);
    EXPECT_EQ(outputs[1].as<float>()[0], -1.0f);
    EXPECT_EQ(outputs[1].as<float>()[1], 2.0f);
}

} // namespace
