#include "core/graph/bind_shapes.h"

#include "core/base/error.h"
#include "core/graph/reference_evaluator.h"

#include <gmock/gmock.h>
#include <limits>

namespace {

using namespace core;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Tensor floats(Shape shape, std::vector<float> values) { return makeTensor<float>(std::move(shape), values); }

Tensor integers(std::vector<std::int64_t> values)
{
    return makeTensor<std::int64_t>({std::ssize(values)}, values);
}

Tensor truth(bool value)
{
    const bool values[] = {value};
    return makeTensor<bool>({}, std::span<const bool>(values));
}

Node makeNode(std::string name, std::string type, std::vector<ValueId> inputs, std::vector<ValueId> outputs)
{
    Node node;
    node.name = std::move(name);
    node.type = std::move(type);
    node.version = 17;
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    return node;
}

std::string messageOf(const Graph& graph, const std::vector<Shape>& shapes)
{
    try {
        static_cast<void>(bindShapes(graph, shapes));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing thrown";
}

std::vector<std::string> nodeNames(const Graph& graph)
{
    std::vector<std::string> names;
    for (const Node& node : graph.nodes()) {
        names.push_back(node.name);
    }
    return names;
}

/// x → Relu → y
Graph reluGraph(Shape declared)
{
    GraphBuilder b("relu");
    const ValueId x = b.input("x", DataType::Float32, std::move(declared));
    b.node(makeNode("act", "Relu", {x}, {b.value("y")}));
    b.output(b.value("y"));
    return std::move(b).finish();
}

/// An If that gives x or −x, both captured from outside.
Graph conditionalGraph(std::optional<bool> condition)
{
    const auto branch = [](const char* type) {
        GraphBuilder b(type);
        const ValueId x = b.input("x", DataType::Undefined, {}, false);
        b.node(makeNode("inner", type, {x}, {b.value("result")}));
        b.output(b.value("result"));
        return std::make_shared<const Graph>(std::move(b).finish());
    };
    GraphBuilder b("conditional");
    const ValueId x = b.input("x", DataType::Float32, {2});
    const ValueId c = condition ? b.constant("c", truth(*condition)) : b.input("c", DataType::Bool, {});
    Node node = makeNode("choice", "If", {c, x, x}, {b.value("y")});
    node.attributes["then_branch"] = branch("Identity");
    node.attributes["else_branch"] = branch("Neg");
    b.node(std::move(node));
    b.output(b.value("y"));
    return std::move(b).finish();
}

TEST(BindShapes, FillsInDynamicDimensions)
{
    const auto bound = bindShapes(reluGraph({kDynamic, 3}), {{1, 3}});
    EXPECT_EQ(bound->value(bound->outputs()[0]).shape, (Shape{1, 3}));
    EXPECT_EQ(bound->value(bound->inputs()[0]).shape, (Shape{1, 3}));
    EXPECT_TRUE(hasStaticShapes(*bound));
}

TEST(BindShapes, NamesAnInputWhoseShapeDoesNotFit)
{
    EXPECT_EQ(messageOf(reluGraph({kDynamic, 3}), {{1, 4}}), "input 'x' takes ?x3, got 1x4");
    EXPECT_EQ(messageOf(reluGraph({kDynamic, 3}), {{kDynamic, 3}}), "input 'x' takes ?x3, got ?x3");
    EXPECT_EQ(messageOf(reluGraph({3}), {}), "the model has 1 inputs, 0 shapes were given");
}

TEST(BindShapes, RefusesAbsurdSizes)
{
    const std::int64_t huge = std::int64_t{1} << 39;
    EXPECT_THAT(messageOf(reluGraph({kDynamic, kDynamic}), {{huge, 4}}), HasSubstr("2^40"));
    EXPECT_EQ(messageOf(reluGraph({kDynamic}), {{huge}}),
              "cannot run 1 node: act (Relu): output of shape 549755813888 needs more than 16 GiB");
}

TEST(BindShapes, AcceptsEmptyTensors)
{
    const auto bound = bindShapes(reluGraph({kDynamic, 3}), {{0, 3}});
    EXPECT_EQ(evaluateReference(*bound, std::vector{floats({0, 3}, {})})[0].shape(), (Shape{0, 3}));
}

TEST(BindShapes, FoldsWhatDependsOnShapesOnly)
{
    // y = Reshape(x, Concat(Shape(x)[0:1], -1))
    GraphBuilder b("flatten");
    const ValueId x = b.input("x", DataType::Float32, {kDynamic, 3, 4});
    b.node(makeNode("shape", "Shape", {x}, {b.value("s")}));
    b.node(makeNode("slice", "Slice",
                    {b.value("s"), b.constant("zero", integers({0})), b.constant("one", integers({1}))},
                    {b.value("n")}));
    Node concat =
        makeNode("concat", "Concat", {b.value("n"), b.constant("rest", integers({-1}))}, {b.value("t")});
    concat.attributes["axis"] = std::int64_t{0};
    b.node(std::move(concat));
    b.node(makeNode("reshape", "Reshape", {x, b.value("t")}, {b.value("y")}));
    b.output(b.value("y"));
    const auto bound = bindShapes(std::move(b).finish(), {{2, 3, 4}});
    EXPECT_THAT(nodeNames(*bound), ElementsAre("reshape"));
    EXPECT_EQ(bound->value(bound->outputs()[0]).shape, (Shape{2, 12}));
}

TEST(BindShapes, DoesNotFoldIntoMuchLargerConstants)
{
    GraphBuilder b("fill");
    Node fill = makeNode("fill", "ConstantOfShape", {b.constant("s", integers({1 << 20, 32}))},
                         {b.value("y")}); // 128 MiB
    b.node(std::move(fill));
    b.output(b.value("y"));
    EXPECT_THAT(nodeNames(*bindShapes(std::move(b).finish(), {})), ElementsAre("fill"));
}

TEST(BindShapes, RemovesNodesThatNoOutputNeeds)
{
    GraphBuilder b("dead");
    const ValueId x = b.input("x", DataType::Float32, {3});
    b.node(makeNode("live", "Relu", {x}, {b.value("y")}));
    b.node(makeNode("dead", "NoSuchOperator", {x}, {b.value("z")})); // may be unknown: nobody asks
    b.output(b.value("y"));
    EXPECT_THAT(nodeNames(*bindShapes(std::move(b).finish(), {{3}})), ElementsAre("live"));
}

TEST(BindShapes, ListsEveryNodeThatCannotRun)
{
    GraphBuilder b("broken");
    const ValueId x = b.input("x", DataType::Float32, {1, 3, 8, 8});
    b.node(makeNode("odd", "NoSuchOperator", {x}, {b.value("a")}));
    b.node(makeNode("conv3", "Conv", {x, b.constant("w", floats({1, 2, 1, 1}, {1, 1}))}, {b.value("b")}));
    b.node(makeNode("after", "Relu", {b.value("a")}, {b.value("c")})); // not a problem of its own
    for (const char* name : {"b", "c"}) {
        b.output(b.value(name));
    }
    EXPECT_EQ(messageOf(std::move(b).finish(), {{1, 3, 8, 8}}),
              "cannot run 2 nodes: odd (NoSuchOperator): operator NoSuchOperator is not known; "
              "conv3 (Conv): weights have 2 input channels, src has 3");
}

TEST(BindShapes, SaysWhichOpsetAnOperatorNeeds)
{
    GraphBuilder b("old");
    const ValueId x = b.input("x", DataType::Float32, {3});
    Node node = makeNode("spectrum", "DFT", {x}, {b.value("y")});
    node.version = 16;
    b.node(std::move(node));
    b.output(b.value("y"));
    EXPECT_THAT(messageOf(std::move(b).finish(), {{3}}),
                HasSubstr("its form of opset 16 is not known, only that since 17"));
}

TEST(BindShapes, NamesTheNodesOfACycle)
{
    GraphBuilder b("cycle");
    b.node(makeNode("first", "Relu", {b.value("b")}, {b.value("a")}));
    b.node(makeNode("second", "Relu", {b.value("a")}, {b.value("b")}));
    b.output(b.value("b"));
    EXPECT_THROW(static_cast<void>(std::move(b).finish()), Error);
}

TEST(BindShapes, InlinesTheBranchOfAConstantCondition)
{
    const auto kept = bindShapes(conditionalGraph(true), {{2}});
    EXPECT_THAT(nodeNames(*kept), ElementsAre("inner"));
    EXPECT_EQ(kept->value(kept->outputs()[0]).name, "y");
    const Tensor x = floats({2}, {1, -2});
    EXPECT_THAT(evaluateReference(*kept, std::vector{x})[0].as<float>(), ElementsAre(1, -2));
    const auto negated = bindShapes(conditionalGraph(false), {{2}});
    EXPECT_THAT(evaluateReference(*negated, std::vector{x})[0].as<float>(), ElementsAre(-1, 2));
}

TEST(BindShapes, ConstantInputsDecideConditions)
{
    const auto bound = bindShapes(conditionalGraph(std::nullopt), {{2}, {}}, {{"c", truth(false)}});
    EXPECT_EQ(bound->inputs().size(), 1U);
    EXPECT_THAT(nodeNames(*bound), ElementsAre("inner"));
    EXPECT_THROW(
        static_cast<void>(bindShapes(conditionalGraph(std::nullopt), {{2}, {}}, {{"nobody", truth(false)}})),
        Error);
}

TEST(BindShapes, KeepsAnIfWhoseConditionIsData)
{
    const auto bound = bindShapes(conditionalGraph(std::nullopt), {{2}, {}});
    EXPECT_THAT(nodeNames(*bound), ElementsAre("choice"));
    EXPECT_EQ(bound->value(bound->outputs()[0]).shape, (Shape{2}));
    const Tensor x = floats({2}, {1, -2});
    EXPECT_THAT(evaluateReference(*bound, std::vector{x, truth(true)})[0].as<float>(), ElementsAre(1, -2));
    EXPECT_THAT(evaluateReference(*bound, std::vector{x, truth(false)})[0].as<float>(), ElementsAre(-1, 2));
}

TEST(BindShapes, KeepsAnOutputThatIsConstant)
{
    GraphBuilder b("constant");
    const ValueId x = b.input("x", DataType::Float32, {2, 5});
    b.node(makeNode("shape", "Shape", {x}, {b.value("y")}));
    b.output(b.value("y"));
    const auto bound = bindShapes(std::move(b).finish(), {{2, 5}});
    EXPECT_TRUE(bound->nodes().empty());
    EXPECT_THAT(
        evaluateReference(*bound, std::vector{floats({2, 5}, std::vector<float>(10))})[0].as<std::int64_t>(),
        ElementsAre(2, 5));
}

Graph withConstants(const Tensor& added, const Tensor& factor)
{
    GraphBuilder b("nan");
    const ValueId x = b.input("x", DataType::Float32, {1, 2});
    b.node(makeNode("add", "Add", {x, b.constant("mask", added)}, {b.value("t")}));
    b.node(makeNode("fc", "MatMul", {b.value("t"), b.constant("w", factor)}, {b.value("y")}));
    b.output(b.value("y"));
    return std::move(b).finish();
}

TEST(RefuseNonFiniteWeights, NamesConstantReaderAndCounts)
{
    const float inf = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NO_THROW(refuseNonFiniteWeights(withConstants(floats({2}, {1, -inf}), floats({2, 1}, {1, 2}))));
    const auto message = [](const Graph& graph) -> std::string {
        try {
            refuseNonFiniteWeights(graph);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_THAT(message(withConstants(floats({2}, {nan, -inf}), floats({2, 1}, {1, 2}))),
                HasSubstr("'mask' of add (Add): 1 NaN and 1 infinite of 2 values"));
    EXPECT_THAT(message(withConstants(floats({2}, {1, 1}), floats({2, 1}, {inf, 2}))),
                HasSubstr("'w' of fc (MatMul)"));
}

TEST(EvaluateReference, NamesAnInputThatDoesNotFit)
{
    const auto bound = bindShapes(reluGraph({3}), {{3}});
    try {
        static_cast<void>(evaluateReference(*bound, std::vector{floats({4}, {1, 2, 3, 4})}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "input 'x' takes float32 3, got float32 4");
    }
}

} // namespace
