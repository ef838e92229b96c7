#include "core/base/error.h"
#include "core/graph/operator_registry.h"
#include "core/graph/ops/quantize.h"
#include "core/graph/ops/window.h"
#include "core/graph/reference_evaluator.h"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>
#include <tuple>

namespace {

using namespace core;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
Tensor tensor(Shape shape, std::vector<T> values)
{
    return makeTensor<T>(std::move(shape), values);
}

Tensor floats(Shape shape)
{
    const std::vector<float> values(static_cast<std::size_t>(elementCount(shape)), 1.0f);
    return tensor<float>(std::move(shape), values);
}

/// A node named "n" with as many inputs and outputs as asked for.
Node makeNode(std::string type, std::map<std::string, Attribute, std::less<>> attributes = {},
              int version = 17, std::size_t outputs = 1)
{
    Node node;
    node.name = "n";
    node.type = std::move(type);
    node.version = version;
    node.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i) {
        node.outputs.push_back(ValueId(i));
    }
    return node;
}

Tensor run(const Node& node, const std::vector<Tensor>& inputs) { return evaluateNode(node, inputs).at(0); }

std::string messageOf(const Node& node, const std::vector<Tensor>& inputs)
{
    try {
        static_cast<void>(evaluateNode(node, inputs));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing thrown";
}

std::vector<std::int64_t> ints(std::initializer_list<std::int64_t> values) { return values; }

TEST(OperatorRegistry, IsSortedAndComplete)
{
    const auto all = allOperators();
    ASSERT_GT(all.size(), 150U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_NE(all[i].infer, nullptr) << all[i].type;
        EXPECT_NE(all[i].evaluate, nullptr) << all[i].type;
        EXPECT_EQ(findOperator(all[i].domain, all[i].type), &all[i]);
        if (i > 0) {
            EXPECT_LT(std::tie(all[i - 1].domain, all[i - 1].type), std::tie(all[i].domain, all[i].type));
        }
    }
    EXPECT_EQ(findOperator("", "NoSuchOperator"), nullptr);
    EXPECT_EQ(findOperator("com.example", "Conv"), nullptr);
}

TEST(Operators, EveryOperatorSurvivesMissingAndEmptyInputs)
{
    const std::vector<Tensor> candidates{Tensor{},          floats({0}), floats({0, 3, 4, 4}),
                                         floats({1, 0, 0}), floats({}),  tensor<std::int64_t>({0}, {})};
    for (const OperatorDefinition& definition : allOperators()) {
        Node node = makeNode(std::string(definition.type), {}, 21);
        node.domain = definition.domain;
        EXPECT_NO_FATAL_FAILURE({
            for (const Tensor& candidate : candidates) {
                for (std::size_t count = 0; count <= 8; ++count) {
                    try {
                        static_cast<void>(evaluateNode(node, std::vector<Tensor>(count, candidate)));
                    } catch (const Error&) {
                        // refused, which is fine
                    }
                }
            }
        }) << definition.type;
    }
}

TEST(Conv, NamesWhatDoesNotFit)
{
    const Node conv = makeNode("Conv");
    EXPECT_EQ(messageOf(conv, {floats({1, 3, 8, 8}), floats({4, 2, 3, 3})}),
              "n: weights have 2 input channels, src has 3");
    EXPECT_EQ(messageOf(conv, {floats({1, 3, 8, 8}), floats({4, 3, 3, 3}), floats({5})}),
              "n: bias has shape 5, weights have 4 output channels");
    EXPECT_EQ(messageOf(conv, {floats({1, 3, 2, 2}), floats({4, 3, 3, 3})}),
              "n: the kernel reaches over 3 positions, padded src 1x3x2x2 has 2");
    EXPECT_THAT(messageOf(makeNode("Conv", {{"group", std::int64_t{2}}}),
                          {floats({1, 4, 8, 8}), floats({3, 2, 1, 1})}),
                HasSubstr("3 output channels do not divide into 2 groups"));
    EXPECT_THAT(messageOf(makeNode("Conv", {{"strides", ints({0, 1})}}),
                          {floats({1, 3, 8, 8}), floats({4, 3, 3, 3})}),
                HasSubstr("must be positive"));
    EXPECT_THAT(messageOf(conv, {floats({1, 3, 8, 8})}), HasSubstr("input 1 is missing"));
}

TEST(Conv, WorksInOneAndThreeDimensions)
{
    const Tensor line = run(makeNode("Conv", {{"pads", ints({1, 1})}}),
                            {tensor<float>({1, 1, 3}, {1, 2, 3}), tensor<float>({1, 1, 3}, {1, 10, 100})});
    EXPECT_THAT(line.as<float>(), ElementsAre(210, 321, 32));
    const Tensor volume = run(makeNode("Conv"), {floats({1, 2, 3, 3, 3}), floats({1, 2, 2, 2, 2})});
    EXPECT_EQ(volume.shape(), (Shape{1, 1, 2, 2, 2}));
    EXPECT_THAT(volume.as<float>(), testing::Each(16.0f));
}

TEST(Conv, DilatedGroupsReadTheirOwnChannels)
{
    const Node node = makeNode("Conv", {{"group", std::int64_t{2}}, {"dilations", ints({2})}});
    const Tensor y = run(
        node, {tensor<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6}), tensor<float>({2, 1, 2}, {1, 10, 100, 1000})});
    EXPECT_THAT(y.as<float>(), ElementsAre(31, 6400));
}

TEST(Window, CeilModeLeavesOutWindowsThatStartInThePadding)
{
    // 5 positions, kernel 1, stride 2, one position of padding behind: 4 windows would fit, the last reads
    // padding only.
    const Node node = makeNode("MaxPool",
                               {{"kernel_shape", ints({1})},
                                {"strides", ints({2})},
                                {"pads", ints({0, 1})},
                                {"ceil_mode", std::int64_t{1}}});
    EXPECT_EQ(ops::windowOf(node, {1, 1, 5}, {1}).dst[2], 3);
}

TEST(Window, SamePaddingPutsTheOddPositionAtTheNamedEnd)
{
    const auto pads = [](const char* mode) {
        const ops::Window w =
            ops::windowOf(makeNode("Conv", {{"auto_pad", std::string(mode)}}), {1, 1, 4}, {2});
        return std::pair(w.padBegin[2], w.padEnd[2]);
    };
    EXPECT_EQ(pads("SAME_UPPER"), (std::pair<std::int64_t, std::int64_t>(0, 1)));
    EXPECT_EQ(pads("SAME_LOWER"), (std::pair<std::int64_t, std::int64_t>(1, 0)));
}

TEST(Softmax, RowsDependOnTheOpset)
{
    const std::vector<Tensor> x{floats({1, 2, 2})};
    EXPECT_THAT(run(makeNode("Softmax", {{"axis", std::int64_t{1}}}, 12), x).as<float>(),
                testing::Each(0.25f)); // all 4 together
    EXPECT_THAT(run(makeNode("Softmax", {{"axis", std::int64_t{1}}}, 13), x).as<float>(),
                testing::Each(0.5f));
}

TEST(Slice, TakesAttributesUpToOpset9)
{
    const Node node =
        makeNode("Slice", {{"starts", ints({1})}, {"ends", ints({1000})}, {"axes", ints({1})}}, 9);
    EXPECT_THAT(run(node, {tensor<float>({1, 3}, {1, 2, 3})}).as<float>(), ElementsAre(2, 3));
}

TEST(Slice, ExtremeBoundsDoNotOverflow)
{
    const auto one = [](std::int64_t v) { return tensor<std::int64_t>({1}, {v}); };
    constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
    const Tensor x = tensor<float>({3}, {1, 2, 3});
    EXPECT_THAT(run(makeNode("Slice"), {x, one(kHigh), one(kLow), one(0), one(-1)}).as<float>(),
                ElementsAre(3, 2, 1));
    EXPECT_THAT(run(makeNode("Slice"), {x, one(kLow), one(kHigh), one(0), one(2)}).as<float>(),
                ElementsAre(1, 3));
    EXPECT_THAT(run(makeNode("Slice"), {x, one(0), one(kHigh), one(0), one(kHigh)}).as<float>(),
                ElementsAre(1));
}

TEST(Clip, TakesAttributesOrInputs)
{
    const Tensor x = tensor<float>({3}, {-1, 3, 9});
    EXPECT_THAT(run(makeNode("Clip", {{"min", 0.0f}, {"max", 6.0f}}, 6), {x}).as<float>(),
                ElementsAre(0, 3, 6));
    EXPECT_THAT(run(makeNode("Clip"), {x, Tensor{}, tensor<float>({}, {6})}).as<float>(),
                ElementsAre(-1, 3, 6));
    EXPECT_THAT(messageOf(makeNode("Clip"), {x, tensor<double>({}, {0})}),
                HasSubstr("min must be one element of src's type"));
}

TEST(Arithmetic, IntegersWrapAndRefuseToDivideByZero)
{
    const auto bytes = [](std::vector<std::int8_t> v) { return tensor<std::int8_t>({std::ssize(v)}, v); };
    EXPECT_THAT(run(makeNode("Add"), {bytes({127}), bytes({1})}).as<std::int8_t>(), ElementsAre(-128));
    EXPECT_THAT(run(makeNode("Div"), {bytes({-128}), bytes({-1})}).as<std::int8_t>(), ElementsAre(-128));
    EXPECT_EQ(messageOf(makeNode("Div"), {bytes({1}), bytes({0})}), "n (Div): integer division by zero");
    EXPECT_EQ(messageOf(makeNode("Mod"), {bytes({1}), bytes({0})}), "n (Mod): integer division by zero");
    EXPECT_EQ(messageOf(makeNode("Add"), {bytes({1}), floats({1})}),
              "n: operands have element types int8 and float32");
    EXPECT_EQ(messageOf(makeNode("Add"), {floats({2}), floats({3})}),
              "n (Add): shapes 2 and 3 do not broadcast");
}

TEST(Reshape, SaysWhatDoesNotFit)
{
    const auto shape = [](std::vector<std::int64_t> v) { return tensor<std::int64_t>({std::ssize(v)}, v); };
    EXPECT_EQ(messageOf(makeNode("Reshape"), {floats({2, 3}), shape({4, -1})}),
              "n: src 2x3 does not fit the new shape 4x1");
    EXPECT_EQ(messageOf(makeNode("Reshape"), {floats({2, 3}), shape({-1, -1})}),
              "n: two dimensions of the new shape are -1");
    EXPECT_EQ(run(makeNode("Reshape"), {floats({2, 3}), shape({0, -1, 1})}).shape(), (Shape{2, 3, 1}));
}

TEST(Gather, RefusesIndicesOutside)
{
    EXPECT_EQ(messageOf(makeNode("Gather"), {floats({3}), tensor<std::int64_t>({1}, {3})}),
              "n: index 3 is outside an axis of 3");
    EXPECT_THAT(
        messageOf(makeNode("ScatterND"), {floats({3}), tensor<std::int64_t>({1, 1}, {-4}), floats({1})}),
        HasSubstr("is outside an axis of 3"));
}

TEST(QuantizeLinear, RoundsHalfToEvenAndSaturates)
{
    const Tensor x = tensor<float>({5}, {0.5f, 1.5f, 2.5f, 1000.0f, -1000.0f});
    const Tensor y =
        run(makeNode("QuantizeLinear"), {x, tensor<float>({}, {1.0f}), tensor<std::int8_t>({}, {1})});
    EXPECT_THAT(y.as<std::int8_t>(), ElementsAre(1, 3, 3, 127, -128));
}

TEST(QuantizeLinear, BlocksMayLeaveAShortLastOne)
{
    const Node node =
        makeNode("QuantizeLinear", {{"axis", std::int64_t{0}}, {"block_size", std::int64_t{2}}}, 21);
    const Tensor y = run(node, {tensor<float>({3}, {4, 4, 4}), tensor<float>({2}, {1, 2})});
    EXPECT_THAT(y.as<std::uint8_t>(), ElementsAre(4, 4, 2));
    EXPECT_THAT(messageOf(node, {tensor<float>({5}, {4, 4, 4, 4, 4}), tensor<float>({2}, {1, 2})}),
                HasSubstr("fits neither src 5"));
}

TEST(CodeOf, NanGivesTheZeroPoint)
{
    EXPECT_EQ(ops::codeOf(std::nan(""), 7, ops::codeRange(DataType::UInt8)), 7);
    EXPECT_EQ(ops::codeOf(std::numeric_limits<double>::infinity(), 7, ops::codeRange(DataType::UInt8)), 255);
}

TEST(DynamicQuantizeLinear, AllZeroDataHasScaleOne)
{
    const auto results =
        evaluateNode(makeNode("DynamicQuantizeLinear", {}, 17, 3), std::vector{tensor<float>({2}, {0, 0})});
    EXPECT_THAT(results[0].as<std::uint8_t>(), ElementsAre(0, 0));
    EXPECT_THAT(results[1].as<float>(), ElementsAre(1.0f));
}

TEST(Reduce, AxesComeAsAttributeOrInput)
{
    const Tensor x = tensor<float>({2, 2}, {1, 2, 3, 4});
    EXPECT_THAT(run(makeNode("ReduceMean", {{"axes", ints({-1})}, {"keepdims", std::int64_t{0}}}, 13), {x})
                    .as<float>(),
                ElementsAre(1.5f, 3.5f));
    EXPECT_THAT(
        run(makeNode("ReduceMean", {{"keepdims", std::int64_t{0}}}, 18), {x, tensor<std::int64_t>({1}, {0})})
            .as<float>(),
        ElementsAre(2, 3));
    EXPECT_THAT(run(makeNode("ReduceMean", {{"noop_with_empty_axes", std::int64_t{1}}}, 18), {x}).as<float>(),
                ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(messageOf(makeNode("ReduceSum", {{"axes", ints({0, -2})}}, 11), {x}),
              "n: an axis is given twice");
}

TEST(Lstm, NamesStatesThatDoNotFit)
{
    const Node node = makeNode("LSTM", {{"hidden_size", std::int64_t{2}}});
    EXPECT_EQ(messageOf(node,
                        {floats({5, 1, 3}), floats({1, 8, 3}), floats({1, 8, 2}), Tensor{}, Tensor{},
                         floats({2, 1, 2})}),
              "n: initial state is 2x1x2, expected 1x1x2");
    EXPECT_THAT(messageOf(node, {floats({5, 1, 3}), floats({1, 6, 3}), floats({1, 8, 2})}),
                HasSubstr("W is 1x6x3"));
}

TEST(Refused, LoopsWithoutABodyAndRandomNumbersSayWhy)
{
    EXPECT_EQ(messageOf(makeNode("Loop"), {}), "n: attribute body is missing");
    EXPECT_THAT(messageOf(makeNode("RandomNormal"), {}), HasSubstr("it draws random numbers"));
}

} // namespace
