#include "tests/core/integer_form_cases.h"

#include <gtest/gtest.h>

// Which form runs an operator: the first of the list that accepts it, the readable evaluation where none
// does.

namespace {

using namespace core;
using forms::Case;
using forms::floats;
using forms::graphOf;

using Ints = std::vector<std::int64_t>;

const Operator& operatorOf(const OperatorGraph& graph) { return graph.at(*graph.find("op")); }

std::vector<Case> floatCases()
{
    const Shape image{1, 4, 6, 6};
    std::vector<Case> cases{
        {"ConvOfComputedWeights", "Conv", {image, {4, 4, 3, 3}}},
        {"MatMulOfTwo", "MatMul", {{3, 4}, {4, 5}}},
        {"Add", "Add", {image, image}},
        {"AddByChannel", "Add", {image, {4, 1, 1}}},
        {"AddOfRows", "Add", {image, {1, 1, 6, 1}}},
        {"HardSwish", "HardSwish", {image}, {}, {}, 14},
        {"Sigmoid", "Sigmoid", {image}},
        {"Tanh", "Tanh", {image}},
        {"Softmax", "Softmax", {image}},
        {"GlobalAveragePool", "GlobalAveragePool", {image}},
        {"Concat", "Concat", {image, image}, {}, {{"axis", std::int64_t{1}}}},
        {"Transpose", "Transpose", {image}, {}, {{"perm", Ints{0, 2, 3, 1}}}},
        {"Flatten", "Flatten", {image}},
        {"ReduceMean", "ReduceMean", {image}, {}, {{"axes", Ints{2, 3}}}},
    };
    const std::vector<std::string> implementations{
        "reference:Conv", "reference:MatMul",    "elementwise", "elementwise", "reference:Add", "elementwise",
        "elementwise",    "reference:Tanh",      "softmax",     "pooling",     "concat",        "transpose",
        "reshape",        "reference:ReduceMean"};
    for (std::size_t i = 0; i < cases.size(); ++i) {
        cases[i].implementation = implementations[i];
    }
    return cases;
}

QuantizationPlan widePlan()
{
    QuantizationPlan plan = forms::planOf();
    plan.defaults.activation.bits = 16;
    return plan;
}

std::string wideImplementation(const Case& c)
{
    const auto graph = graphOf(c);
    const Pipeline pipeline(graph);
    const Sample sample{{floats(c.inputs[0])}, {}};
    WeightCache weights;
    const ResolvedPlan plan =
        resolvePlan(*graph, widePlan(), forms::statisticsOf(pipeline.runFloat(sample)), weights);
    return pipeline.quantizedForm(*graph->find("op"), plan)->implementation;
}

class FloatForms : public testing::TestWithParam<Case>
{
};

TEST_P(FloatForms, RunWhatTheReferenceComputes)
{
    const auto graph = graphOf(GetParam());
    const Operator& op = operatorOf(*graph);
    const Executable fast = compileFloat(*graph, op, Backend::Real);
    EXPECT_EQ(fast.implementation, GetParam().implementation);
    std::vector<Tensor> inputs;
    for (const Shape& shape : GetParam().inputs) {
        inputs.push_back(floats(shape));
    }
    const Tensor ours = toLayout(fast.run(inputs)[0], Layout::RowMajor);
    const Tensor expected = evaluateOperator(op, inputs)[0];
    ASSERT_EQ(ours.shape(), expected.shape());
    for (std::size_t i = 0; i < ours.as<float>().size(); ++i) {
        ASSERT_NEAR(ours.as<float>()[i], expected.as<float>()[i], 1e-5) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, FloatForms, testing::ValuesIn(floatCases()),
                         [](const auto& each) { return each.param.name; });

TEST(FloatForms, BackendReferenceEvaluatesAllButReshapes)
{
    for (const Case& c : floatCases()) {
        const auto graph = graphOf(c);
        const Executable form = compileFloat(*graph, operatorOf(*graph), Backend::Reference);
        EXPECT_EQ(form.implementation, c.type == "Flatten" ? "reshape" : "reference:" + c.type);
    }
}

TEST(IntegerForms, WideCodesMoveOrGoThroughFloat)
{
    const Shape image{1, 4, 6, 6};
    EXPECT_EQ(wideImplementation({"", "Transpose", {image}, {}, {{"perm", Ints{0, 2, 3, 1}}}}), "transpose");
    EXPECT_EQ(wideImplementation({"", "ReduceMax", {image}, {}, {{"axes", Ints{2}}}}), "move:ReduceMax");
    EXPECT_EQ(wideImplementation({"", "Relu", {image}}), "dequantize+elementwise+quantize");
    EXPECT_EQ(wideImplementation({"", "GlobalMaxPool", {image}}), "dequantize+pooling+quantize");
    EXPECT_EQ(wideImplementation({"", "Softmax", {image}}), "dequantize+softmax+quantize");
    EXPECT_EQ(wideImplementation({"", "HardSwish", {image}, {}, {}, 14}), "dequantize+elementwise+quantize");
}

} // namespace
