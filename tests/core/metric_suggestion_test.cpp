#include "core/graph/bind_shapes.h"
#include "core/measure/metric_suggestion.h"
#include "core/network/operator_graph.h"

#include <gtest/gtest.h>

// Which metric is offered for a network that reads token ids.
namespace {

using namespace core;

std::shared_ptr<const OperatorGraph> textNetwork(const std::string& output, const Shape& ids)
{
    GraphBuilder builder;
    Node node;
    node.name = "embed";
    node.type = "Gather";
    node.version = 13;
    node.inputs = {builder.constant("table", makeTensor<float>({3, 40}, std::vector<float>(120, 0.5f))),
                   builder.input("ids", DataType::Int64, ids)};
    const ValueId y = builder.value(output);
    node.outputs = {y};
    builder.node(std::move(node));
    builder.output(y);
    return fuseOperators(bindShapes(std::move(builder).finish(), {ids}), {});
}

TEST(MetricSuggestion, ScoresOfAVocabularyAreComparedByTheirTop)
{
    EXPECT_EQ(suggestedMetric(*textNetwork("logits", {1, 6})), R"({"kind": "same_top", "output": "logits"})");
}

TEST(MetricSuggestion, EmbeddingsOfTokensAreComparedByTheirAngle)
{
    EXPECT_EQ(suggestedMetric(*textNetwork("last_hidden_state", {1, 6})),
              R"({"kind": "cosine", "output": "last_hidden_state"})");
}

} // namespace
