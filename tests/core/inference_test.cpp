#include "core/execution/executable_support.h"
#include "core/execution/inference.h"
#include "core/network/operator_graph.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace {

using core::DataType;
using core::GraphBuilder;
using core::Layout;
using core::Shape;
using core::Tensor;
using core::TensorBuilder;

Tensor randomFloats(Shape shape, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    TensorBuilder builder(DataType::Float32, std::move(shape));
    std::ranges::generate(builder.as<float>(), [&] { return normal(random); });
    return std::move(builder).finish();
}

core::ValueId add(GraphBuilder& b, const std::string& type, const std::string& name,
                  std::vector<core::ValueId> inputs)
{
    const core::ValueId output = b.value(name + "_out");
    b.declare(output, DataType::Float32, {1, 16, 6, 6});
    core::Node node;
    node.name = name;
    node.type = type;
    node.version = 13;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    b.node(std::move(node));
    return output;
}

core::ValueId conv(GraphBuilder& b, const std::string& name, core::ValueId x, unsigned seed)
{
    return add(b, "Conv", name, {x, b.constant(name + "_w", randomFloats({16, 16, 1, 1}, seed))});
}

/// x → a; a → b, b + a → c; c → d, d + c is one output, b's sum another: operands that may be written over,
/// and ones that something still reads.
std::shared_ptr<const core::OperatorGraph> residualGraph()
{
    GraphBuilder b;
    const auto x = b.input("x", DataType::Float32, {1, 16, 6, 6});
    const auto first = conv(b, "a", x, 1);
    const auto second = add(b, "Add", "b_add", {conv(b, "b", first, 2), first});
    const auto third = add(b, "Relu", "d_relu", {add(b, "Add", "d_add", {conv(b, "d", second, 3), second})});
    b.output(second);
    b.output(third);
    return core::fuseOperators(std::make_shared<const core::Graph>(std::move(b).finish()), {});
}

std::vector<float> valuesOf(const Tensor& tensor)
{
    const auto values = tensor.as<float>();
    return {values.begin(), values.end()};
}

TEST(Inference, GivesTheOutputsOfThePipelineThatKeepsEverything)
{
    const core::Pipeline pipeline(residualGraph());
    ASSERT_TRUE(pipeline.graph().operators[2].residual);
    const core::Inference inference(pipeline);
    const core::Sample sample{{randomFloats({1, 16, 6, 6}, 4)}, {}, 1};
    const auto kept = pipeline.runFloat(sample);
    for (int run = 0; run < 2; ++run) {
        const auto outputs = inference.run(sample);
        ASSERT_EQ(outputs.size(), 2U);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const Tensor& expected = kept[core::indexOf(pipeline.graph().graph->outputs()[i])];
            EXPECT_EQ(valuesOf(outputs[i]), valuesOf(expected)) << "output " << i << ", run " << run;
        }
    }
}

/// Runs a linear form in place and says whether the result lies where the residual lay.
bool landsOnTheResidual(Tensor residual, DataType dstType)
{
    const std::byte* const at = residual.data();
    const auto form = core::linearExecutable("test", dstType, residual.shape(), Layout::RowMajor, 1,
                                             [](const Tensor&, TensorBuilder&, const Tensor&) {});
    std::vector<Tensor> inputs{randomFloats({2, 3}, 1), std::move(residual)};
    return form.runInPlace(inputs)[0].data() == at;
}

TEST(Inference, WritesASumOverAnOperandThatNobodyElseHolds)
{
    EXPECT_TRUE(landsOnTheResidual(randomFloats({2, 3}, 2), DataType::Float32));
}

TEST(Inference, LeavesASharedOperandAlone)
{
    const Tensor shared = randomFloats({2, 3}, 2);
    EXPECT_FALSE(landsOnTheResidual(shared, DataType::Float32));
}

TEST(Inference, LeavesAnOperandOfAnotherSizeAlone)
{
    EXPECT_FALSE(landsOnTheResidual(randomFloats({2, 3}, 2), DataType::UInt8));
}

} // namespace
