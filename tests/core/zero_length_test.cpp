#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"

#include <cmath>
#include <gmock/gmock.h>

// Tensors of length zero: a batch without samples, a cache without a past, a product over no terms.
namespace {

using namespace core;
using testing::ElementsAre;

Tensor floats(const Shape& shape, const std::vector<float>& values = {})
{
    return makeTensor<float>(shape, std::span<const float>(values));
}

/// One operator over inputs of those shapes; constants are given as tensors behind them.
std::shared_ptr<const Graph> bound(const std::string& type, const std::vector<Shape>& shapes,
                                   const std::map<std::string, Attribute, std::less<>>& attributes = {},
                                   const std::vector<Tensor>& constants = {})
{
    GraphBuilder builder;
    Node node;
    node.name = "op";
    node.type = type;
    node.version = 13;
    node.attributes = attributes;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        node.inputs.push_back(builder.input("x" + std::to_string(i), DataType::Float32, shapes[i]));
    }
    for (std::size_t i = 0; i < constants.size(); ++i) {
        node.inputs.push_back(builder.constant("c" + std::to_string(i), constants[i]));
    }
    node.outputs = {builder.value("y")};
    const ValueId y = node.outputs[0];
    builder.node(std::move(node));
    builder.output(y);
    return bindShapes(std::move(builder).finish(), shapes);
}

const std::optional<Tensor>& resultOf(const Graph& graph) { return graph.value(graph.outputs()[0]).constant; }

std::vector<float> numbers(const Tensor& tensor)
{
    const Tensor asWritten = toLayout(tensor, Layout::RowMajor);
    const auto values = asWritten.as<float>();
    return {values.begin(), values.end()};
}

TEST(ZeroLength, WhatHoldsNoElementIsKnownWithItsShape)
{
    const auto graph = bound("Relu", {{0, 3}});
    EXPECT_TRUE(graph->nodes().empty());
    ASSERT_TRUE(resultOf(*graph));
    EXPECT_EQ(resultOf(*graph)->shape(), (Shape{0, 3}));
    EXPECT_EQ(resultOf(*graph)->type(), DataType::Float32);
}

TEST(ZeroLength, SumsOverNoTermsAreZero)
{
    const auto product = bound("MatMul", {{2, 0}, {0, 3}});
    ASSERT_TRUE(resultOf(*product));
    EXPECT_THAT(numbers(*resultOf(*product)), ElementsAre(0, 0, 0, 0, 0, 0));
    const auto sum =
        bound("ReduceSum", {{2, 0}}, {}, {makeTensor<std::int64_t>({1}, std::array<std::int64_t, 1>{1})});
    ASSERT_TRUE(resultOf(*sum));
    EXPECT_EQ(resultOf(*sum)->shape(), (Shape{2, 1}));
    EXPECT_THAT(numbers(*resultOf(*sum)), ElementsAre(0, 0));
    const auto factor = bound("ReduceProd", {{2, 0}}, {{"axes", std::vector<std::int64_t>{1}}});
    ASSERT_TRUE(resultOf(*factor));
    EXPECT_THAT(numbers(*resultOf(*factor)), ElementsAre(1, 1)); // the empty product
}

TEST(ZeroLength, AProductOverNoTermsLeavesItsBias)
{
    const auto graph = bound("Gemm", {{2, 0}, {0, 3}, {1, 3}}, {{"beta", 2.0f}});
    const Sample sample{{floats({2, 0}), floats({0, 3}), floats({1, 3}, {1, -2, 0.5f})}, {}, 1};
    const auto expected = ElementsAre(2, -4, 1, 2, -4, 1);
    EXPECT_THAT(numbers(evaluateReference(*graph, sample.inputs).at(0)), expected);
    const Pipeline pipeline(fuseOperators(graph, {}));
    EXPECT_THAT(numbers(pipeline.runFloat(sample)[indexOf(graph->outputs()[0])]), expected);
}

TEST(ZeroLength, ACacheWithoutPastJoinsNothing)
{
    const auto graph = bound("Concat", {{1, 0, 2}, {1, 2, 2}}, {{"axis", std::int64_t{1}}});
    const Sample sample{{floats({1, 0, 2}), floats({1, 2, 2}, {1, 2, 3, 4})}, {}, 1};
    const Pipeline pipeline(fuseOperators(graph, {}));
    const Tensor y = pipeline.runFloat(sample)[indexOf(graph->outputs()[0])];
    EXPECT_EQ(y.shape(), (Shape{1, 2, 2}));
    EXPECT_THAT(numbers(y), ElementsAre(1, 2, 3, 4));
}

TEST(ZeroLength, AnEmptyListJoinsItemsOfAnyShapeWhileItRuns)
{
    Node node;
    node.name = node.type = "Concat";
    node.version = 13;
    node.attributes["axis"] = std::int64_t{0};
    node.inputs = {ValueId(0), ValueId(1)};
    node.outputs = {ValueId(2)};
    const std::array inputs{floats({0}), floats({2, 2}, {1, 2, 3, 4})};
    const Tensor y = evaluateNode(node, inputs).at(0);
    EXPECT_EQ(y.shape(), (Shape{2, 2}));
    EXPECT_THAT(numbers(y), ElementsAre(1, 2, 3, 4));
    // Known ahead it is no valid graph.
    EXPECT_THROW(static_cast<void>(bound("Concat", {{0}, {2, 2}}, {{"axis", std::int64_t{0}}})), Error);
}

TEST(ZeroLength, AnEmptyShapeMakesAScalar)
{
    const std::vector<std::int64_t> none;
    const Tensor shape = makeTensor<std::int64_t>({0}, std::span<const std::int64_t>(none));
    const auto graph = bound("Reshape", {{1, 1}}, {}, {shape});
    EXPECT_EQ(graph->value(graph->outputs()[0]).shape, Shape{});
    EXPECT_THROW(static_cast<void>(bound("Reshape", {{1, 7}}, {}, {shape})), Error);
}

struct Refusal
{
    std::string type;
    std::vector<Shape> shapes;
    std::map<std::string, Attribute, std::less<>> attributes;
    std::vector<Tensor> constants;
    std::string why;
};

class NothingToWorkOn : public testing::TestWithParam<Refusal>
{
};

TEST_P(NothingToWorkOn, IsRefusedByName)
{
    const Refusal& c = GetParam();
    try {
        static_cast<void>(bound(c.type, c.shapes, c.attributes, c.constants));
        FAIL() << "is taken";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("op (" + c.type + ")"));
        EXPECT_THAT(error.what(), testing::HasSubstr(c.why));
    }
}

Tensor integers(const Shape& shape, const std::vector<std::int64_t>& values)
{
    return makeTensor<std::int64_t>(shape, std::span<const std::int64_t>(values));
}

INSTANTIATE_TEST_SUITE_P(
    ZeroLength, NothingToWorkOn,
    testing::Values(
        Refusal{"ArgMax", {{2, 0}}, {{"axis", std::int64_t{1}}}, {}, "axis 1 of src 2x0 is empty"},
        Refusal{
            "RoiAlign", {{1, 1, 0, 4}}, {}, {floats({1, 4}, {0, 0, 1, 1}), integers({1}, {0})}, "no pixel"},
        Refusal{"QuantizeLinear", {{2, 2}}, {}, {floats({0})}, "holds no number"},
        Refusal{"NegativeLogLikelihoodLoss",
                {{2, 3}},
                {},
                {integers({2}, {0, 1}), floats({0})},
                "weights 0 do not fit 3 classes"},
        Refusal{"GRU",
                {{2, 3, 4}},
                {{"hidden_size", std::int64_t{1}}},
                {floats({1, 3, 4}, std::vector<float>(12, 0.5f)), floats({1, 3, 1}, {1, 1, 1}),
                 floats({1, 6}, std::vector<float>(6, 0.0f)), castTo(integers({0}, {}), DataType::Int32)},
                "sequence_lens is 0, expected 3"}),
    [](const auto& c) { return c.param.type; });

} // namespace
