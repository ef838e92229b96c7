#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "core/graph/written_quantization.h"
#include "core/session/session.h"

#include <array>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>

// What tests/fuzz found and was mended, smallest graphs first.
namespace {

core::Node node(const std::string& type, std::vector<core::ValueId> inputs,
                std::vector<core::ValueId> outputs)
{
    core::Node made;
    made.name = type;
    made.type = type;
    made.version = 13;
    made.inputs = std::move(inputs);
    made.outputs = std::move(outputs);
    return made;
}

TEST(FuzzFindings, SignOfNaNIsNaN)
{
    const std::array values{std::numeric_limits<float>::quiet_NaN(), -2.0f, 0.0f, 3.0f};
    const std::array inputs{core::makeTensor<float>({4}, values)};
    const auto y = core::evaluateNode(node("Sign", {core::ValueId(0)}, {core::ValueId(1)}), inputs).at(0);
    EXPECT_TRUE(std::isnan(y.as<float>()[0]));
    EXPECT_EQ(y.as<float>()[1], -1.0f);
    EXPECT_EQ(y.as<float>()[2], 0.0f);
    EXPECT_EQ(y.as<float>()[3], 1.0f);
}

TEST(FuzzFindings, InferenceReturnsOutputsThatFoldToConstants)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Float32, {2});
    const auto c = builder.constant("c", core::makeTensor<float>({2}, std::array{1.0f, -2.0f}));
    const auto y = builder.value("y");
    const auto z = builder.value("z");
    builder.node(node("Relu", {x}, {y}));
    builder.node(node("Neg", {c}, {z}));
    builder.output(y);
    builder.output(z);
    const core::Graph graph = std::move(builder).finish();
    const core::Pipeline pipeline(core::fuseOperators(core::bindShapes(graph, {{2}}), {}));
    const core::Sample sample{{core::makeTensor<float>({2}, std::array{-1.0f, 5.0f})}, {}, 1};
    const auto outputs = core::Inference(pipeline).run(sample);
    ASSERT_EQ(outputs.size(), 2U);
    ASSERT_EQ(outputs[1].count(), 2);
    EXPECT_EQ(outputs[0].as<float>()[1], 5.0f);
    EXPECT_EQ(outputs[1].as<float>()[0], -1.0f);
    EXPECT_EQ(outputs[1].as<float>()[1], 2.0f);
}

/// Two samples of the same inputs.
class Repeated final : public core::Dataset
{
public:
    explicit Repeated(std::vector<core::Tensor> inputs)
        : m_inputs(std::move(inputs))
    {
    }
    std::size_t size() const override { return 2; }
    core::Sample load(std::size_t) const override { return {m_inputs, {}, 1}; }
    std::string sampleName(std::size_t index) const override { return std::to_string(index); }
    std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    std::string fingerprint() const override { return "repeated"; }

private:
    std::vector<core::Tensor> m_inputs;
};

std::shared_ptr<const core::Report> reportOf(core::GraphBuilder builder, std::vector<core::Tensor> inputs)
{
    std::vector<core::Shape> shapes;
    for (const core::Tensor& input : inputs) {
        shapes.push_back(input.shape());
    }
    const auto data = std::make_shared<const Repeated>(std::move(inputs));
    core::Session session(core::bindShapes(std::move(builder).finish(), shapes), {},
                          {data, data, true, {}, {}, {}, {}}, {.threads = 1});
    return session.run(std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault()),
                       {}, {});
}

std::string reasonOf(const core::Report& report, const std::string& op)
{
    for (const auto& layer : report.layers) {
        if (layer->name == op) {
            return layer->reason;
        }
    }
    return "no such operator";
}

TEST(FuzzFindings, ACellOverAConstantSequenceStaysFloat)
{
    core::GraphBuilder builder;
    const auto state = builder.input("h", core::DataType::Float32, {1, 1, 1});
    const std::array four{0.5f, -1.0f, 0.25f, 2.0f};
    const auto x = builder.constant("x", core::makeTensor<float>({4, 1, 1}, four));
    const std::array three{0.5f, -0.5f, 1.0f};
    const auto w = builder.constant("w", core::makeTensor<float>({1, 3, 1}, three));
    const auto r = builder.constant("r", core::makeTensor<float>({1, 3, 1}, three));
    const auto y = builder.value("y");
    core::Node cell = node("GRU", {x, w, r, core::kNoValue, core::kNoValue, state}, {y});
    cell.attributes["hidden_size"] = std::int64_t{1};
    cell.attributes["linear_before_reset"] = std::int64_t{1};
    builder.node(std::move(cell));
    builder.output(y);
    const auto report = reportOf(std::move(builder), {core::makeTensor<float>({1, 1, 1}, std::array{0.75f})});
    EXPECT_EQ(reasonOf(*report, "GRU"), "its sequence is constant");
}

TEST(FuzzFindings, AnExponentOfIntegersAtRunTimeMakesNoTable)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Float32, {2});
    const auto exponent = builder.input("e", core::DataType::Int64, {1});
    const auto y = builder.value("y");
    builder.node(node("Pow", {x, exponent}, {y}));
    builder.output(y);
    const auto report = reportOf(std::move(builder),
                                 {core::makeTensor<float>({2}, std::array{2.0f, 3.0f}),
                                  core::makeTensor<std::int64_t>({1}, std::array<std::int64_t, 1>{2})});
    EXPECT_EQ(reasonOf(*report, "Pow"), "its parameters are no constant numbers");
}

TEST(FuzzFindings, AnExponentForEveryElementMakesNoTable)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Float32, {2});
    const std::array<std::int64_t, 2> exponents{2, 3};
    const auto exponent = builder.constant("e", core::makeTensor<std::int64_t>({2}, exponents));
    const auto y = builder.value("y");
    builder.node(node("Pow", {x, exponent}, {y}));
    builder.output(y);
    const auto report = reportOf(std::move(builder), {core::makeTensor<float>({2}, std::array{2.0f, 3.0f})});
    EXPECT_EQ(reasonOf(*report, "Pow"), "its parameters are no constant numbers");
}

TEST(FuzzFindings, CeluOfNaNIsNaN)
{
    const std::array values{std::numeric_limits<float>::quiet_NaN(), 3.0f,
                            -std::numeric_limits<float>::infinity()};
    const std::array inputs{core::makeTensor<float>({3}, values)};
    const auto y = core::evaluateNode(node("Celu", {core::ValueId(0)}, {core::ValueId(1)}), inputs).at(0);
    EXPECT_TRUE(std::isnan(y.as<float>()[0]));
    EXPECT_EQ(y.as<float>()[1], 3.0f);
    EXPECT_EQ(y.as<float>()[2], -1.0f);
}

/// One unit, one input, weights 1 and 0: h = f(x) for RNN.
std::vector<core::Tensor> plainRnn(const core::Attribute& activations, const core::Attribute& alphas,
                                   const std::vector<float>& xs, std::int32_t length)
{
    core::Node cell = node("RNN",
                           {core::ValueId(0), core::ValueId(1), core::ValueId(2), core::kNoValue,
                            core::ValueId(3), core::ValueId(4)},
                           {core::ValueId(5), core::ValueId(6)});
    cell.attributes["hidden_size"] = std::int64_t{1};
    cell.attributes["direction"] = std::string("bidirectional");
    cell.attributes["activations"] = activations;
    cell.attributes["activation_alpha"] = alphas;
    const std::array inputs{core::makeTensor<float>({1, 1, 1}, xs),
                            core::makeTensor<float>({2, 1, 1}, std::array{1.0f, 1.0f}),
                            core::makeTensor<float>({2, 1, 1}, std::array{0.0f, 0.0f}),
                            core::Tensor(),
                            core::makeTensor<std::int32_t>({1}, std::array{length}),
                            core::makeTensor<float>({2, 1, 1}, std::array{3.0f, 5.0f})};
    return core::evaluateNode(cell, inputs);
}

/// ONNX: activation_alpha is consumed in the order of the activations that have one.
TEST(FuzzFindings, FactorsOfActivationsAreConsumedByThoseThatHaveOne)
{
    const auto y =
        plainRnn(std::vector<std::string>{"Relu", "leakyrelu"}, std::vector<float>{0.25f}, {-2.0f}, 1);
    EXPECT_EQ(y.at(1).as<float>()[0], 0.0f);
    EXPECT_EQ(y.at(1).as<float>()[1], -0.5f); // 0.01 × −2 if the factor were taken by position
}

/// As ONNX Runtime has it; ONNX is silent.
TEST(FuzzFindings, StatesOfAnEmptySequenceAreZero)
{
    const auto y = plainRnn(std::vector<std::string>{"Tanh", "Tanh"}, std::vector<float>{}, {-2.0f}, 0);
    for (const std::size_t output : {0, 1}) {
        EXPECT_EQ(y.at(output).as<float>()[0], 0.0f);
        EXPECT_EQ(y.at(output).as<float>()[1], 0.0f);
    }
}

/// An export has one name for both, and hands on what it is given: so does what is reported.
TEST(FuzzFindings, AnInputThatIsAnOutputIsHandedOnAsItIs)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Float32, {2});
    const auto y = builder.value("y");
    builder.node(node("Mul", {x, x}, {y}));
    builder.output(y);
    builder.output(x);
    const auto report =
        reportOf(std::move(builder), {core::makeTensor<float>({2}, std::array{0.123f, -1.5f})});
    EXPECT_THAT(reasonOf(*report, "x"), testing::HasSubstr("it is an output as well"));
    EXPECT_EQ(reasonOf(*report, "Mul"), "");
}

/// Codes that an operator of reals reads stay codes, and with them what they are made of.
TEST(FuzzFindings, AQuantizedSumReadByAnOrdinaryOperatorKeepsItsCodes)
{
    core::GraphBuilder builder;
    const auto a = builder.input("a", core::DataType::UInt8, {2});
    const auto b = builder.input("b", core::DataType::UInt8, {2});
    const auto scale = builder.constant("s", core::makeTensor<float>({}, std::array{0.5f}));
    const auto sum = builder.value("sum");
    const auto y = builder.value("y");
    core::Node add = node("QLinearAdd", {a, scale, core::kNoValue, b, scale, core::kNoValue, scale}, {sum});
    add.domain = "com.microsoft";
    builder.node(std::move(add));
    builder.node(node("Abs", {sum}, {y}));
    builder.output(y);
    const auto split = core::splitQuantized(std::move(builder).finish());
    const auto bound = core::bindShapes(split.shadow, {{2}, {2}});
    const auto outputs = core::evaluateReference(
        *bound,
        std::array{core::makeTensor<std::uint8_t>({2}, std::array<std::uint8_t, 2>{10, 200}),
                   core::makeTensor<std::uint8_t>({2}, std::array<std::uint8_t, 2>{3, 100})});
    EXPECT_EQ(core::integersOf(outputs.at(0)), (std::vector<std::int64_t>{13, 255}));
}

/// Codes that another operator compares stay codes; the quantized one reads what they stand for.
TEST(FuzzFindings, CodesReadAsIntegersToo)
{
    core::GraphBuilder builder;
    const auto x = builder.input("x", core::DataType::Int8, {2});
    const auto scale = builder.constant("s", core::makeTensor<float>({}, std::array{0.5f}));
    const auto dstScale = builder.constant("t", core::makeTensor<float>({}, std::array{0.0078125f}));
    const auto codes = builder.value("codes");
    const auto y = builder.value("y");
    const auto same = builder.value("same");
    core::Node sigmoid =
        node("QLinearSigmoid", {x, scale, core::kNoValue, dstScale, core::kNoValue}, {codes});
    sigmoid.domain = "com.microsoft";
    builder.node(std::move(sigmoid));
    builder.node(node("DequantizeLinear", {codes, dstScale}, {y}));
    builder.node(node("Equal", {x, x}, {same}));
    builder.output(y);
    builder.output(same);
    const auto split = core::splitQuantized(std::move(builder).finish());
    const auto bound = core::bindShapes(split.shadow, {{2}});
    const auto outputs = core::evaluateReference(
        *bound, std::array{core::makeTensor<std::int8_t>({2}, std::array<std::int8_t, 2>{0, -4})});
    EXPECT_FLOAT_EQ(outputs.at(0).as<float>()[0], 0.5f);
    EXPECT_NEAR(outputs.at(0).as<float>()[1], 1.0 / (1.0 + std::exp(2.0)), 1e-6);
    EXPECT_EQ(core::integersOf(outputs.at(1)), (std::vector<std::int64_t>{1, 1}));
}

/// ONNX's test of opset 10: resize_downsample_nearest.
TEST(FuzzFindings, ResizeOfOpset10TakesTheNextWhereItMakesSmaller)
{
    core::Node resize = node("Resize", {core::ValueId(0), core::ValueId(1)}, {core::ValueId(2)});
    resize.version = 10;
    const std::array eight{1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f};
    const std::array inputs{core::makeTensor<float>({1, 1, 2, 4}, eight),
                            core::makeTensor<float>({4}, std::array{1.0f, 1.0f, 0.6f, 0.6f})};
    const auto y = core::evaluateNode(resize, inputs).at(0);
    ASSERT_EQ(y.count(), 2);
    EXPECT_EQ(y.as<float>()[0], 1.0f);
    EXPECT_EQ(y.as<float>()[1], 3.0f);
}

} // namespace
