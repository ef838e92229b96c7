#include "core/graph/expansion.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/operator_registry.h"
#include "core/graph/reference_evaluator.h"

#include <cmath>
#include <gmock/gmock.h>

namespace {

using namespace core;
using testing::Contains;
using testing::HasSubstr;

/// Q, K, V of one head; scores, softmax and context by hand.
Graph attentionGraph(std::map<std::string, Attribute, std::less<>> attributes = {})
{
    GraphBuilder builder;
    Node node;
    node.name = "attn";
    node.type = "Attention";
    node.version = 23;
    node.attributes = std::move(attributes);
    for (const char* name : {"q", "k", "v"}) {
        node.inputs.push_back(builder.input(name, DataType::Float32, {1, 1, 2, 2}));
    }
    node.outputs = {builder.value("y")};
    const ValueId y = node.outputs[0];
    builder.node(std::move(node));
    builder.output(y);
    return std::move(builder).finish();
}

const std::vector<Shape> kShapes(3, Shape{1, 1, 2, 2});

TEST(Expansion, PutsNamedPrimitiveOperatorsInThePlaceOfAttention)
{
    const auto bound = bindShapes(attentionGraph({{"scale", 1.0f}}), kShapes);
    std::vector<std::string> names;
    for (const Node& node : bound->nodes()) {
        names.push_back(node.name);
        EXPECT_NE(findOperator(node.domain, node.type), nullptr) << node.type;
    }
    EXPECT_THAT(names, Contains("attn/scores"));
    EXPECT_THAT(names, Contains("attn/softmax"));
    EXPECT_THAT(names, Contains("attn/context"));
    EXPECT_EQ(bound->value(bound->outputs()[0]).name, "y");

    const std::vector<float> q{1, 0, 0, 2};
    const std::vector<float> k{1, 1, 0, 1};
    const std::vector<float> v{10, 20, 30, 40};
    const Shape shape{1, 1, 2, 2};
    const std::vector<Tensor> inputs{makeTensor<float>(shape, q), makeTensor<float>(shape, k),
                                     makeTensor<float>(shape, v)};
    const auto y = evaluateReference(*bound, inputs)[0].as<float>();
    // Scores of query 0: 1·1 + 0·1 = 1 and 0; of query 1: 2 and 2.
    const double share = std::exp(1.0) / (std::exp(1.0) + 1.0);
    EXPECT_NEAR(y[0], 10 * share + 30 * (1 - share), 1e-5);
    EXPECT_NEAR(y[1], 20 * share + 40 * (1 - share), 1e-5);
    EXPECT_NEAR(y[2], 20, 1e-5);
    EXPECT_NEAR(y[3], 30, 1e-5);
}

TEST(Expansion, HidesWhatIsBehindAQueryWhereItIsCausal)
{
    const auto bound = bindShapes(attentionGraph({{"is_causal", std::int64_t{1}}}), kShapes);
    const std::vector<float> v{10, 20, 30, 40};
    const std::vector<Tensor> inputs(3, makeTensor<float>({1, 1, 2, 2}, v));
    const auto y = evaluateReference(*bound, inputs)[0].as<float>();
    EXPECT_EQ(y[0], 10.0f); // the first query sees the first key alone
    EXPECT_EQ(y[1], 20.0f);
}

TEST(Expansion, NamesTheNodeThatItCannotTakeApart)
{
    GraphBuilder builder;
    Node node;
    node.name = "rope";
    node.type = "RotaryEmbedding";
    node.domain = "com.microsoft";
    node.version = 1;
    node.inputs = {builder.input("x", DataType::Float32, {1, 2, 8})};
    node.outputs = {builder.value("y")};
    const ValueId y = node.outputs[0];
    builder.node(std::move(node));
    builder.output(y);
    const Graph graph = std::move(builder).finish();
    try {
        static_cast<void>(bindShapes(graph, {{1, 2, 8}}));
        FAIL() << "a rotation without angles was taken";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("rope (RotaryEmbedding): needs input 1 (position_ids)"));
    }
}

TEST(Expansion, IsNoOperatorOfTheRegistry)
{
    for (const ExpansionDefinition& definition : allExpansions()) {
        EXPECT_EQ(findOperator(definition.domain, definition.type), nullptr) << definition.type;
        EXPECT_EQ(findExpansion(definition.domain, definition.type)->expand, definition.expand);
    }
    EXPECT_EQ(findExpansion("", "Conv"), nullptr);
}

/// One query of one head of two behind a past of three.
Graph pastGraph(std::int64_t batch, const std::vector<std::int32_t>& lengths)
{
    GraphBuilder builder;
    Node node;
    node.name = "gqa";
    node.domain = "com.microsoft";
    node.type = "GroupQueryAttention";
    node.version = 1;
    node.attributes = {{"num_heads", std::int64_t{1}}, {"kv_num_heads", std::int64_t{1}}};
    for (const char* name : {"q", "k", "v"}) {
        node.inputs.push_back(builder.input(name, DataType::Float32, {batch, 1, 2}));
    }
    for (const char* name : {"past_k", "past_v"}) {
        node.inputs.push_back(builder.input(name, DataType::Float32, {batch, 1, 3, 2}));
    }
    node.inputs.push_back(lengths.empty()
                              ? builder.input("lengths", DataType::Int32, {batch})
                              : builder.constant("lengths", makeTensor<std::int32_t>({batch}, lengths)));
    node.inputs.push_back(
        builder.constant("total", makeTensor<std::int32_t>({}, std::vector<std::int32_t>{4})));
    node.outputs = {builder.value("y"), builder.value("present_k"), builder.value("present_v")};
    const ValueId y = node.outputs[0];
    builder.node(std::move(node));
    builder.output(y);
    return std::move(builder).finish();
}

std::string refusalOf(std::int64_t batch, const std::vector<std::int32_t>& lengths)
{
    std::vector<Shape> shapes(3, Shape{batch, 1, 2});
    shapes.resize(5, Shape{batch, 1, 3, 2});
    if (lengths.empty()) {
        shapes.push_back({batch});
    }
    try {
        (void)bindShapes(pastGraph(batch, lengths), shapes);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Expansion, SamplesOfDifferentLengthsBehindAPastAreRefused)
{
    EXPECT_EQ(refusalOf(2, {3, 3}), "");
    EXPECT_EQ(refusalOf(1, {}), "");
    EXPECT_THAT(refusalOf(2, {3, 2}), HasSubstr("seqlens_k is 2, past_key and the queries make 3"));
    EXPECT_THAT(refusalOf(2, {}), HasSubstr("bind a batch of 1"));
}

} // namespace
