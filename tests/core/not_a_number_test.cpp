#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/operator_registry.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>

// A NaN that an operator turns into a number is an error that nobody sees any more.
namespace {

using namespace core;

/// By ONNX's own formulas: what is not above a threshold is 0, the first maximum is 1; others know no values.
constexpr std::array kForgets{"ThresholdedRelu", "Shrink",        "Hardmax",          "ConstantOfShape",
                              "Bernoulli",       "EyeLike",       "RandomNormalLike", "RandomUniformLike",
                              "HannWindow",      "HammingWindow", "BlackmanWindow"};

struct Case
{
    std::string domain;
    std::string type;
    int version = 0;
};

/// Every operator that runs on one float tensor, in an old and in a new form; pools with a window.
std::vector<Case> everyCase()
{
    std::vector<Case> cases;
    for (const OperatorDefinition& definition : allOperators()) {
        for (const int version : {9, 13, 20}) {
            if (std::ranges::find(kForgets, definition.type) == kForgets.end()
                && version >= definition.sinceVersion) {
                cases.push_back({std::string(definition.domain), std::string(definition.type), version});
            }
        }
    }
    return cases;
}

Tensor input(float odd)
{
    std::array<float, 32> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = 0.1f + 0.02f * static_cast<float>(i);
    }
    values[3] = odd; // in the upper triangle, and under a window
    return makeTensor<float>({1, 2, 4, 4}, values);
}

Graph graphOf(const Case& tested)
{
    Node node;
    node.name = "n";
    node.domain = tested.domain;
    node.type = tested.type;
    node.version = tested.version;
    node.attributes["kernel_shape"] = std::vector<std::int64_t>{2, 2};
    node.attributes["blocksize"] = std::int64_t{2};
    GraphBuilder builder;
    node.inputs = {builder.input("x", DataType::Float32, {1, 2, 4, 4})};
    node.outputs = {builder.value("y")};
    builder.node(node);
    builder.output(node.outputs[0]);
    return std::move(builder).finish();
}

bool hasNaN(const Tensor& tensor)
{
    const auto values = doublesOf(tensor);
    return std::ranges::any_of(values, [](double v) { return std::isnan(v); });
}

TEST(NotANumber, StaysOneInTheReferenceAndInThePipelineOfEveryOperator)
{
    std::set<std::string> tried;
    for (const Case& tested : everyCase()) {
        SCOPED_TRACE(tested.type + " of opset " + std::to_string(tested.version));
        std::shared_ptr<const Graph> graph;
        Tensor tame;
        try {
            graph = bindShapes(graphOf(tested), {{1, 2, 4, 4}});
            tame = evaluateReference(*graph, std::array{input(0.3f)}).at(0);
        } catch (const std::exception&) {
            continue; // takes more than one float tensor
        }
        if (tame.type() != DataType::Float32 || hasNaN(tame)) {
            continue; // gives no numbers
        }
        tried.insert(tested.type);
        const Tensor odd = input(std::numeric_limits<float>::quiet_NaN());
        EXPECT_TRUE(hasNaN(evaluateReference(*graph, std::array{odd}).at(0)));
        const Pipeline pipeline(fuseOperators(graph, {}));
        const auto values = pipeline.runFloat({{odd}, {}, 1});
        EXPECT_TRUE(hasNaN(toLayout(values[indexOf(graph->outputs()[0])], Layout::RowMajor)));
    }
    EXPECT_GT(tried.size(), 60u);
}

} // namespace
