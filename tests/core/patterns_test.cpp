#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "core/network/operator_graph.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

using namespace core;

/// Writes a chain of primitive nodes; values are named after the nodes.
class Chain
{
public:
    explicit Chain(Shape input)
        : m_shape(std::move(input))
    {
        m_builder.input("x", DataType::Float32, m_shape);
    }
    std::string node(const std::string& type, const std::vector<std::string>& inputs,
                     std::map<std::string, Attribute, std::less<>> attributes = {})
    {
        Node node;
        node.type = type;
        node.name = "n" + std::to_string(m_count++);
        node.version = 13;
        node.attributes = std::move(attributes);
        for (const std::string& input : inputs) {
            node.inputs.push_back(m_builder.value(input));
        }
        node.outputs = {m_builder.value(node.name)};
        std::string name = node.name;
        m_builder.node(std::move(node));
        return name;
    }
    std::string number(float value) { return constant({}, {value}); }
    std::string constant(const Shape& shape, const std::vector<float>& values)
    {
        const std::string name = "c" + std::to_string(m_count++);
        (void)m_builder.constant(name, makeTensor<float>(shape, values));
        return name;
    }
    std::string integers(const std::vector<std::int64_t>& values)
    {
        const std::string name = "c" + std::to_string(m_count++);
        (void)m_builder.constant(
            name, makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
        return name;
    }
    std::shared_ptr<const Graph> finish(const std::string& output)
    {
        m_builder.output(m_builder.value(output));
        return bindShapes(std::move(m_builder).finish(), {m_shape});
    }

private:
    GraphBuilder m_builder;
    Shape m_shape;
    int m_count = 0;
};

Tensor ramp(const Shape& shape)
{
    TensorBuilder builder(DataType::Float32, shape);
    auto values = builder.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = std::sin(static_cast<float>(i)) * 4.0f;
    }
    return std::move(builder).finish();
}

/// The one operator besides the input, and the same result as node by node.
void expectOne(const std::shared_ptr<const Graph>& graph, const std::string& type, const Shape& input)
{
    const auto fused = fuseOperators(graph, {});
    ASSERT_EQ(fused->operators.size(), 2u);
    EXPECT_EQ(fused->operators[1].type, type);
    EXPECT_EQ(fused->operators[1].nodeNames.size(), graph->nodes().size());
    Sample sample;
    sample.inputs = {ramp(input)};
    const Pipeline pipeline(fused);
    const Tensor ours = toLayout(pipeline.runFloat(sample)[indexOf(graph->outputs()[0])], Layout::RowMajor);
    const Tensor expected = evaluateReference(*graph, sample.inputs)[0];
    for (std::size_t i = 0; i < ours.as<float>().size(); ++i) {
        ASSERT_NEAR(ours.as<float>()[i], expected.as<float>()[i], 1e-5f) << i;
    }
}

TEST(Patterns, HardSwishDividedLastIsOneOperator)
{
    Chain c({1, 3, 5});
    const auto clip = c.node("Clip", {c.node("Add", {"x", c.number(3)}), c.number(0), c.number(6)});
    const auto out = c.node("Div", {c.node("Mul", {"x", clip}), c.number(6)});
    expectOne(c.finish(out), "HardSwish", {1, 3, 5});
}

TEST(Patterns, HardSwishDividedFirstIsOneOperator)
{
    Chain c({1, 3, 5});
    const auto clip = c.node("Clip", {c.node("Add", {"x", c.number(3)}), c.number(0), c.number(6)});
    const auto out = c.node("Mul", {"x", c.node("Mul", {clip, c.number(1.0f / 6.0f)})});
    expectOne(c.finish(out), "HardSwish", {1, 3, 5});
}

TEST(Patterns, GeluIsOneOperator)
{
    Chain c({2, 7});
    const auto erf = c.node("Erf", {c.node("Div", {"x", c.number(std::sqrt(2.0f))})});
    const auto sum = c.node("Add", {erf, c.number(1)});
    expectOne(c.finish(c.node("Mul", {c.node("Mul", {"x", sum}), c.number(0.5f)})), "Gelu", {2, 7});
}

TEST(Patterns, LayerNormalizationIsOneOperator)
{
    Chain c({2, 3, 4});
    const std::map<std::string, Attribute, std::less<>> axes{{"axes", std::vector<std::int64_t>{-1}}};
    const auto d = c.node("Sub", {"x", c.node("ReduceMean", {"x"}, axes)});
    const auto variance = c.node("ReduceMean", {c.node("Pow", {d, c.number(2)})}, axes);
    const auto root = c.node("Sqrt", {c.node("Add", {variance, c.number(1e-5f)})});
    const auto scaled = c.node("Mul", {c.node("Div", {d, root}), c.constant({4}, {1, 2, 3, 4})});
    expectOne(c.finish(c.node("Add", {scaled, c.constant({4}, {0.5f, 0, -1, 2})})), "LayerNormalization",
              {2, 3, 4});
}

TEST(Patterns, MulAndAddByChannelAreOneElementwiseLinear)
{
    for (const Shape& shape : {Shape{2, 3}, Shape{2, 3, 5}, Shape{1, 3, 4, 5}}) {
        Chain c(shape);
        Shape byChannel(shape.size() - 1, 1);
        byChannel[0] = 3;
        const auto scaled = c.node("Mul", {c.constant(byChannel, {0.5f, -2, 3}), "x"});
        expectOne(c.finish(c.node("Add", {scaled, c.constant(byChannel, {1, 0, -0.25f})})),
                  "ElementwiseLinear", shape);
    }
    Chain c({1, 3, 4, 5}); // one of the two may be a single number
    expectOne(
        c.finish(c.node("Add", {c.node("Mul", {"x", c.constant({1, 3, 1, 1}, {1, 2, 3})}), c.number(2)})),
        "ElementwiseLinear", {1, 3, 4, 5});
}

TEST(Patterns, MulAndAddOfOtherShapesStayApart)
{
    const auto typesOf = [](Chain c, const std::string& factor, const std::string& addend) {
        const auto fused = fuseOperators(c.finish(c.node("Add", {c.node("Mul", {"x", factor}), addend})), {});
        return std::ranges::count_if(fused->operators,
                                     [](const Operator& op) { return op.type == "ElementwiseLinear"; });
    };
    Chain single({1, 3, 2});
    EXPECT_EQ(typesOf(single, single.number(2), single.number(1)), 0);
    Chain last({1, 3, 2}); // along the last axis
    const std::string alongLast = last.constant({2}, {1, 2});
    EXPECT_EQ(typesOf(last, alongLast, alongLast), 0);
    Chain wider({1, 3, 1}); // the product is larger than x
    const std::string spread = wider.constant({1, 3, 2}, {1, 2, 3, 4, 5, 6});
    EXPECT_EQ(typesOf(wider, spread, wider.number(1)), 0);
}

TEST(Patterns, FusionOffKeepsMulAndAdd)
{
    Chain c({1, 3, 4});
    const auto graph = c.finish(
        c.node("Add", {c.node("Mul", {"x", c.constant({3, 1}, {1, 2, 3})}), c.constant({3, 1}, {0, 1, 2})}));
    FusionOptions options;
    options.enabled = false;
    EXPECT_EQ(fuseOperators(graph, options)->operators.size(), 3u);
}

TEST(Patterns, AValueReadElsewhereKeepsThePatternApart)
{
    Chain c({1, 3, 5});
    const auto add = c.node("Add", {"x", c.number(3)});
    const auto clip = c.node("Clip", {add, c.number(0), c.number(6)});
    const auto swish = c.node("Div", {c.node("Mul", {"x", clip}), c.number(6)});
    const auto fused = fuseOperators(c.finish(c.node("Sub", {swish, add})), {});
    EXPECT_TRUE(
        std::ranges::none_of(fused->operators, [](const Operator& op) { return op.type == "HardSwish"; }));
}

std::size_t groupSize(const OperatorGraph& graph, const std::string& group)
{
    return static_cast<std::size_t>(
        std::ranges::count(graph.operators, group, [](const Operator& op) { return op.group; }));
}

TEST(Patterns, AttentionIsNamed)
{
    Chain c({1, 4, 4});
    const auto scores = c.node("Mul", {c.node("MatMul", {"x", "x"}), c.number(0.5f)});
    const auto out = c.node("MatMul", {c.node("Softmax", {scores}), "x"});
    EXPECT_EQ(groupSize(*fuseOperators(c.finish(out), {}), "attention"), 4u);
}

TEST(Patterns, ChannelShuffleIsNamed)
{
    Chain c({1, 6, 2, 2});
    const auto split = c.node("Reshape", {"x", c.integers({1, 2, 3, 2, 2})});
    const auto turned = c.node("Transpose", {split}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
    const auto out = c.node("Reshape", {turned, c.integers({1, 6, 2, 2})});
    EXPECT_EQ(groupSize(*fuseOperators(c.finish(out), {}), "channel shuffle"), 3u);
}

TEST(Patterns, BatchPermutationIsNamed)
{
    Chain c({3, 2});
    EXPECT_EQ(groupSize(*fuseOperators(c.finish(c.node("Gather", {"x", c.integers({2, 0, 1})})), {}),
                        "batch permutation"),
              1u);
    Chain other({3, 2});
    EXPECT_EQ(
        groupSize(*fuseOperators(other.finish(other.node("Gather", {"x", other.integers({2, 0, 0})})), {}),
                  "batch permutation"),
        0u);
}

} // namespace
