// What the runtime of a plan fuses: functions behind products, Relu behind sums and normalizations.
#include "core/session/fused_network.h"
#include "tests/core/integer_form_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace core;
using forms::floats;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Step
{
    std::string type;
    std::vector<std::pair<std::string, Tensor>> constants{};
    std::map<std::string, Attribute, std::less<>> attributes{};
    std::string domain{};
    int opset = 13;
};

/// x (of that shape) through the steps; Sum adds x twice more.
std::shared_ptr<const Graph> chainOf(const Shape& shape, const std::vector<Step>& steps)
{
    GraphBuilder b;
    ValueId last = b.input("x", DataType::Float32, shape);
    const ValueId x = last;
    for (const Step& step : steps) {
        Node node;
        node.name = node.type = step.type;
        node.domain = step.domain;
        node.version = step.opset;
        node.attributes = step.attributes;
        node.inputs = {last};
        if (step.type == "Sum") {
            node.inputs = {last, x, x};
        }
        for (const auto& [name, tensor] : step.constants) {
            node.inputs.push_back(b.constant(name, tensor));
        }
        last = b.value(step.type + "_out");
        node.outputs = {last};
        b.node(std::move(node));
    }
    b.output(last);
    return bindShapes(std::move(b).finish(), std::vector<Shape>{shape});
}

QuantizationPlan planFor(Runtime runtime)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.defaults.runtime = runtime;
    return plan;
}

std::shared_ptr<const OperatorGraph> fusedBy(const std::shared_ptr<const Graph>& graph,
                                             const QuantizationPlan& plan)
{
    return fuseOperators(graph, fusionOf(plan));
}

std::vector<std::string> namesOf(const OperatorGraph& graph)
{
    std::vector<std::string> names;
    for (const Operator& op : graph.operators) {
        names.push_back(op.name);
    }
    return names;
}

Step gemm() { return {"Gemm", {{"W", floats({6, 5})}, {"B", floats({5})}}}; }
Step conv() { return {"Conv", {{"W", floats({5, 4, 3, 3})}, {"B", floats({5})}}}; }

Step elu() { return {"Elu", {}, {{"alpha", 0.7f}}}; }
Step gelu() { return {"Gelu", {}, {}, "com.microsoft", 1}; }

Tensor outputOf(const OperatorGraph& graph, const Pipeline& pipeline, const Sample& sample)
{
    return pipeline.runFloat(sample)[indexOf(graph.graph->outputs()[0])];
}

class FunctionBehind : public testing::TestWithParam<std::tuple<const char*, Step>>
{
};

TEST_P(FunctionBehind, IsFusedWhereTheRuntimeDoesAndComputesTheSame)
{
    const auto& [product, function] = GetParam();
    const bool isConv = std::string(product) == "Conv";
    const Shape shape = isConv ? Shape{2, 4, 7, 6} : Shape{9, 6};
    const auto chain = chainOf(shape, {isConv ? conv() : gemm(), function});
    const auto apart = fusedBy(chain, planFor(Runtime::OnnxRuntime));
    EXPECT_THAT(namesOf(*apart), ElementsAre("x", product, function.type));
    EXPECT_THAT(namesOf(*fusedBy(chain, planFor(Runtime::TensorRt))),
                ElementsAre("x", product, function.type));
    const bool isMxnets =
        !isConv || (function.type != "Exp" && function.type != "Sqrt" && function.type != "Abs");
    EXPECT_EQ(fusedBy(chain, planFor(Runtime::Mxnet))->operators.size(), isMxnets ? 2u : 3u);
    const auto fused = fusedBy(chain, planFor(Runtime::OneDnn));
    ASSERT_THAT(namesOf(*fused), ElementsAre("x", product));
    EXPECT_THAT(fused->operators[1].nodeNames, ElementsAre(product, function.type));

    const Pipeline whole(fused);
    const Pipeline parts(apart);
    Sample sample;
    sample.inputs.push_back(function.type == "Sqrt" ? floats(shape, 0.0f, 0.1f) : floats(shape));
    const Tensor a = toLayout(outputOf(*fused, whole, sample), Layout::RowMajor);
    const Tensor b = toLayout(outputOf(*apart, parts, sample), Layout::RowMajor);
    for (std::size_t i = 0; i < a.as<float>().size(); ++i) {
        ASSERT_TRUE(a.as<float>()[i] == b.as<float>()[i]
                    || (std::isnan(a.as<float>()[i]) && std::isnan(b.as<float>()[i])))
            << i;
    }

    // Codes: real, emulated and twin are one; a rounding less than apart.
    std::vector<std::vector<std::int64_t>> codes;
    for (const Backend backend : {Backend::Real, Backend::Emulated, Backend::Reference}) {
        QuantizationPlan plan = planFor(Runtime::OneDnn);
        plan.defaults.backend = backend;
        WeightCache weights;
        const auto resolved = resolvePlan(*fused, plan, forms::statisticsOf(whole.runFloat(sample)), weights);
        ASSERT_EQ(resolved.operators[1].kind, QuantizedKind::Linear);
        SampleValues values(fused->graph->values().size());
        for (std::size_t i = 0; i < fused->operators.size(); ++i) {
            const OperatorId id{static_cast<std::uint32_t>(i)};
            whole.runQuantized(id, resolved, *whole.quantizedForm(id, resolved), sample, values);
        }
        codes.push_back(integersOf(toLayout(values[indexOf(fused->graph->outputs()[0])], Layout::RowMajor)));
    }
    EXPECT_EQ(codes[0], codes[1]);
    EXPECT_EQ(codes[0], codes[2]);
}

INSTANTIATE_TEST_SUITE_P(
    Products, FunctionBehind,
    testing::Combine(testing::Values("Gemm", "Conv"),
                     testing::Values(Step{"Tanh"}, Step{"Exp"}, Step{"Sqrt"}, Step{"Abs"}, elu(), gelu())),
    [](const auto& c) { return std::string(std::get<0>(c.param)) + std::get<1>(c.param).type; });

// An Elu of negative alpha falls below zero: it stays what it is.
TEST(RuntimeFusion, LeavesAnEluAloneThatDoesNotRise)
{
    const auto chain = chainOf({9, 6}, {gemm(), {"Elu", {}, {{"alpha", -0.5f}}}});
    EXPECT_EQ(fusedBy(chain, planFor(Runtime::OneDnn))->operators.size(), 3u);
}

/// The int8 codes of a chain's result.
std::vector<std::int64_t> codesOf(const std::shared_ptr<const OperatorGraph>& graph,
                                  const QuantizationPlan& plan, const Sample& sample,
                                  QuantizationParams* params = nullptr,
                                  std::vector<std::string>* warnings = nullptr)
{
    const Pipeline pipeline(graph);
    WeightCache weights;
    const auto resolved = resolvePlan(*graph, plan, forms::statisticsOf(pipeline.runFloat(sample)), weights);
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId id{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(id, resolved, *pipeline.quantizedForm(id, resolved), sample, values);
    }
    const ValueId out = graph->graph->outputs()[0];
    if (params) {
        *params = resolved.values[indexOf(out)]->params;
    }
    if (warnings) {
        *warnings = resolved.warnings;
    }
    return integersOf(toLayout(values[indexOf(out)], Layout::RowMajor));
}

// max(0, 3·x) of codes: x in −2 … 3 at 5/255; the result in 0 … 9 at 9/255. Apart, the sum spans −6 … 9.
TEST(RuntimeFusion, GivesASumOfThreeItsRelu)
{
    const auto chain = chainOf({4, 33}, {{"Sum"}, {"Relu"}});
    EXPECT_THAT(namesOf(*fusedBy(chain, planFor(Runtime::OnnxRuntime))), ElementsAre("x", "Sum", "Relu"));
    for (const Runtime runtime : {Runtime::OneDnn, Runtime::Mxnet, Runtime::Caffe2}) {
        const auto fused = fusedBy(chain, planFor(runtime));
        ASSERT_THAT(namesOf(*fused), ElementsAre("x", "Sum"));
        EXPECT_EQ(fused->operators[1].activation.kind, kernels::Activation::Kind::Relu);
        std::vector<float> x(132);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = -2.0f + 5.0f * static_cast<float>(i) / 131.0f;
        }
        Sample sample;
        sample.inputs.push_back(makeTensor<float>({4, 33}, std::span<const float>(x)));
        QuantizationParams params;
        const auto codes = codesOf(fused, planFor(runtime), sample, &params);
        EXPECT_EQ(params.zeroPoint[0], 0);
        EXPECT_NEAR(params.scale[0], 9.0f / 255.0f, 1e-6f);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double code = std::nearbyint(x[i] / (5.0 / 255.0)); // of x, which is added three times
            const double expected = std::clamp(std::nearbyint(code * 3.0 * 5.0 / 9.0), 0.0, 255.0);
            EXPECT_LE(std::abs(static_cast<double>(codes[i]) - expected), 1.0) << i;
        }
    }
}

Tensor vectorOf(const std::vector<float>& values)
{
    return makeTensor<float>({static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
}

// γ = 2, β = 1, mean 0.5, variance 4 − ε: max(0, x + 0.5).
TEST(RuntimeFusion, GivesANormalizationThatCannotFoldItsRelu)
{
    const Step normalization{"BatchNormalization",
                             {{"gamma", vectorOf({2, 2})},
                              {"beta", vectorOf({1, 1})},
                              {"mean", vectorOf({0.5f, 0.5f})},
                              {"var", vectorOf({4, 4})}},
                             {{"epsilon", 0.0f}}};
    const Shape shape{1, 2, 3, 4};
    const auto chain = chainOf(shape, {normalization, {"Relu"}});
    EXPECT_EQ(fusedBy(chain, planFor(Runtime::OnnxRuntime))->operators.size(), 3u);
    const auto fused = fusedBy(chain, planFor(Runtime::Caffe2));
    ASSERT_THAT(namesOf(*fused), ElementsAre("x", "BatchNormalization"));
    Sample sample;
    sample.inputs.push_back(floats(shape));
    const auto x = sample.inputs[0].as<float>();
    const Pipeline pipeline(fused);
    const Tensor y = toLayout(outputOf(*fused, pipeline, sample), Layout::RowMajor);
    QuantizationParams params;
    const auto codes = codesOf(fused, planFor(Runtime::Caffe2), sample, &params);
    EXPECT_EQ(params.zeroPoint[0], 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float expected = std::max(x[i] + 0.5f, 0.0f);
        EXPECT_NEAR(y.as<float>()[i], expected, 1e-5f);
        EXPECT_NEAR(static_cast<float>(codes[i]) * params.scale[0], expected, 0.02f); // two half steps
    }
}

// Convolutions still take the normalization behind them, and Add its Relu, whatever the runtime.
TEST(RuntimeFusion, FoldsBeforeItFuses)
{
    const Step normalization{"BatchNormalization",
                             {{"gamma", vectorOf({2, 2, 2, 2, 2})},
                              {"beta", vectorOf({1, 1, 1, 1, 1})},
                              {"mean", vectorOf({0, 0, 0, 0, 0})},
                              {"var", vectorOf({4, 4, 4, 4, 4})}}};
    const auto chain = chainOf({1, 4, 7, 6}, {conv(), normalization, {"Relu"}});
    for (const Runtime runtime : {Runtime::OnnxRuntime, Runtime::Caffe2, Runtime::OneDnn}) {
        EXPECT_THAT(namesOf(*fusedBy(chain, planFor(runtime))), ElementsAre("x", "Conv"));
    }
}

// DNNLOWP's Sigmoid and Tanh read codes: nothing swallows them, and a line says so.
TEST(RuntimeFusion, LeavesDnnlowpItsTables)
{
    for (const char* type : {"Sigmoid", "Tanh"}) {
        const auto chain = chainOf({9, 6}, {gemm(), {type}});
        QuantizationPlan plan = planFor(Runtime::OneDnn);
        EXPECT_EQ(fusedBy(chain, plan)->operators.size(), 2u);
        plan.defaults.activation.convention = Convention::Dnnlowp;
        plan.operators["Gemm"].activation.followedBy = true;
        const auto apart = fusedBy(chain, plan);
        ASSERT_THAT(namesOf(*apart), ElementsAre("x", "Gemm", type));
        Sample sample;
        sample.inputs.push_back(floats({9, 6}));
        std::vector<std::string> warnings;
        QuantizationParams params;
        (void)codesOf(apart, plan, sample, &params, &warnings);
        EXPECT_THAT(warnings, Contains(HasSubstr(std::string(type) + " stays apart from Gemm")));
        // The result of the table, dnnlowp.md 6.4.
        EXPECT_FLOAT_EQ(params.scale[0], (std::string(type) == "Tanh" ? 1.0f : 0.5f) / 127.0f);
        // Of one operator only.
        plan.operators[type].activation.convention = Convention::Noisefloor;
        EXPECT_EQ(fusedBy(chain, plan)->operators.size(), 2u);
    }
    const auto chain = chainOf({9, 6}, {gemm(), {"Tanh"}});
    QuantizationPlan plan = planFor(Runtime::OnnxRuntime); // which would not fuse it anyway
    plan.defaults.activation.convention = Convention::Dnnlowp;
    Sample sample;
    sample.inputs.push_back(floats({9, 6}));
    std::vector<std::string> warnings;
    (void)codesOf(fusedBy(chain, plan), plan, sample, nullptr, &warnings);
    EXPECT_THAT(warnings, Not(Contains(HasSubstr("stays apart"))));
}

// x + x + x through common codes of 16 bits is x·3 to half a code, and of 4 bits is not.
TEST(DnnlowpSum, RunsInTheCommonCodesOfItsWidth)
{
    const auto chain = chainOf({4, 33}, {{"Sum"}});
    Sample sample;
    sample.inputs.push_back(floats({4, 33}));
    QuantizationPlan plan = planFor(Runtime::Caffe2);
    plan.defaults.sumBits = 16;
    std::vector<std::string> warnings;
    const auto graph = fusedBy(chain, plan);
    const auto reals = codesOf(graph, plan, sample, nullptr, &warnings);
    EXPECT_THAT(warnings, Contains(HasSubstr("eltwise_quantization_precision has no form without")));
    plan.defaults.activation.convention = Convention::Dnnlowp;
    QuantizationParams params;
    const auto wide = codesOf(graph, plan, sample, &params, &warnings);
    EXPECT_THAT(warnings, IsEmpty());
    plan.defaults.sumBits = 4;
    const auto narrow = codesOf(graph, plan, sample, &params);
    const auto x = sample.inputs[0].as<float>();
    double worst = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_LE(std::abs(wide[i] - reals[i]), 1);
        const double y = (static_cast<double>(narrow[i]) - params.zeroPoint[0]) * params.scale[0];
        worst = std::max(worst, std::abs(y - 3.0 * static_cast<double>(x[i])));
    }
    // Each operand is off by up to half a common code (5/15) and half of its own.
    EXPECT_GT(worst, 0.25);
    EXPECT_LT(worst, 3.0 * (5.0 / 15.0 / 2.0 + 5.0 / 255.0 / 2.0) + 15.0 / 255.0);
    // The twin.
    plan.defaults.backend = Backend::Reference;
    EXPECT_EQ(codesOf(graph, plan, sample), narrow);
}

// Channels of two groups; a mean that is no code moves everything by part of a code of x.
TEST(DnnlowpNormalization, RunsUnderTheConvention)
{
    const Shape shape{2, 4, 5, 3};
    const auto chain = chainOf(shape,
                               {{"GroupNormalization",
                                 {{"gamma", floats({4}, 0.5f, 1.5f)}, {"beta", floats({4}, -1, 1)}},
                                 {{"num_groups", std::int64_t{2}}},
                                 {},
                                 21}});
    Sample sample;
    sample.inputs.push_back(floats(shape));
    QuantizationPlan plan = planFor(Runtime::Caffe2);
    const auto graph = fusedBy(chain, plan);
    QuantizationParams params;
    const auto plain = codesOf(graph, plan, sample, &params);
    plan.defaults.activation.convention = Convention::Dnnlowp;
    QuantizationParams dnnlowp;
    const auto fixed = codesOf(graph, plan, sample, &dnnlowp);
    EXPECT_NE(plain, fixed);
    double worst = 0.0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const double a = (static_cast<double>(plain[i]) - params.zeroPoint[0]) * params.scale[0];
        const double b = (static_cast<double>(fixed[i]) - dnnlowp.zeroPoint[0]) * dnnlowp.scale[0];
        worst = std::max(worst, std::abs(a - b));
    }
    EXPECT_LT(worst, 0.1); // upstream tests it to 2 steps; half a code of x is 0.01
}

} // namespace
