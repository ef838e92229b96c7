#include "core/graph/bind_shapes.h"
#include "core/session/session.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

namespace {

using namespace core;

/// Waves of one shape, each sample at another phase.
class Waves final : public Dataset
{
public:
    explicit Waves(Shape shape)
        : m_shape(std::move(shape))
    {
    }
    std::size_t size() const override { return 3; }
    Sample load(std::size_t index) const override
    {
        TensorBuilder wave(DataType::Float32, m_shape);
        auto values = wave.as<float>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = std::sin(static_cast<float>(i) + 0.7f * static_cast<float>(index));
        }
        Sample sample;
        sample.inputs = {std::move(wave).finish()};
        return sample;
    }
    std::string sampleName(std::size_t index) const override { return "#" + std::to_string(index); }
    std::optional<Picture> picture(std::size_t) const override { return std::nullopt; }
    std::string fingerprint() const override { return "waves"; }

private:
    Shape m_shape;
};

Tensor wave(const Shape& shape) { return Waves(shape).load(1).inputs[0]; }

std::shared_ptr<const Report> reportOf(GraphBuilder builder, const Shape& shape)
{
    const auto data = std::make_shared<const Waves>(shape);
    Session session(bindShapes(std::move(builder).finish(), {shape}), {}, {data, data, true, {}, {}, {}, {}},
                    {.threads = 1});
    return session.run(std::make_shared<const QuantizationPlan>(QuantizationPlan::makeDefault()), {}, {});
}

std::shared_ptr<const LayerReport> layerOf(const Report& report, const std::string& name)
{
    const auto layer = std::ranges::find(report.layers, name, [](const auto& l) { return l->name; });
    return layer == report.layers.end() ? nullptr : *layer;
}

bool saysThatOthersAreUnmeasured(const Report& report)
{
    return std::ranges::any_of(
        report.warnings, [](const std::string& w) { return w.starts_with("cell: its errors are those of"); });
}

/// An LSTM of two units over `shape` (steps × 1 × 4) that writes the named outputs; "" is left out.
GraphBuilder cell(const Shape& shape, const std::vector<std::string>& outputs)
{
    GraphBuilder builder;
    Node node;
    node.name = "cell";
    node.type = "LSTM";
    node.version = 14;
    node.attributes["hidden_size"] = std::int64_t{2};
    node.inputs = {builder.input("x", DataType::Float32, shape), builder.constant("w", wave({1, 8, 4})),
                   builder.constant("r", wave({1, 8, 2}))};
    for (const std::string& output : outputs) {
        node.outputs.push_back(output.empty() ? kNoValue : builder.value(output));
    }
    const auto values = node.outputs;
    builder.node(std::move(node));
    for (const ValueId id : values) {
        if (id != kNoValue) {
            builder.output(id);
        }
    }
    return builder;
}

// Keras writes LSTMs of which only the last hidden state is used.
TEST(SeveralOutputs, ACellMayLeaveItsFirstOutputOut)
{
    const auto report = reportOf(cell({3, 1, 4}, {"", "h"}), {3, 1, 4});
    const auto layer = layerOf(*report, "cell");
    ASSERT_TRUE(layer);
    EXPECT_FALSE(saysThatOthersAreUnmeasured(*report));
    EXPECT_EQ(layer->output, "h");
    EXPECT_EQ(layer->implementation, "quantized-gates");
    EXPECT_GT(layer->isolated->sqnrDb.value_or(0.0), 18.0);
}

TEST(SeveralOutputs, TheReportSaysWhichOneItMeasures)
{
    const auto report = reportOf(cell({3, 1, 4}, {"y", "h", "c"}), {3, 1, 4});
    EXPECT_EQ(layerOf(*report, "cell")->output, "y");
    EXPECT_TRUE(saysThatOthersAreUnmeasured(*report));
    EXPECT_EQ(report->outputs.size(), 3u); // as outputs of the network all three are measured
}

/// A second output, read or not, of an operator between two tensors of one shape.
std::shared_ptr<const LayerReport> withSecondOutput(const std::string& type, bool isRead)
{
    const Shape shape{1, 2, 6, 6};
    GraphBuilder builder;
    Node node;
    node.name = "op";
    node.type = type;
    node.version = type == "Dropout" ? 7 : 12; // whose mask is float
    if (type == "MaxPool") {
        node.attributes["kernel_shape"] = std::vector<std::int64_t>{2, 2};
    }
    node.inputs = {builder.input("x", DataType::Float32, shape)};
    node.outputs = {builder.value("y"), builder.value("second")};
    builder.node(std::move(node));
    builder.output(builder.value("y"));
    if (isRead) {
        builder.output(builder.value("second"));
    }
    return layerOf(*reportOf(std::move(builder), shape), "op");
}

TEST(SeveralOutputs, OneThatNobodyReadsKeepsNothingInFloat)
{
    EXPECT_EQ(withSecondOutput("MaxPool", false)->effective, kInt8)
        << withSecondOutput("MaxPool", false)->reason;
    EXPECT_EQ(withSecondOutput("MaxPool", true)->effective, kFp32);
    EXPECT_EQ(withSecondOutput("MaxPool", true)->reason, "several outputs");
    for (const bool isRead : {false, true}) { // the mask of a Dropout that drops nothing is a constant
        EXPECT_EQ(withSecondOutput("Dropout", isRead)->effective, kInt8)
            << withSecondOutput("Dropout", isRead)->reason;
    }
}

/// Codes and scales of its weights follow the plan: bits, granularity, method.
TEST(RecurrentWeights, ObeyThePlan)
{
    const Shape shape{3, 1, 4};
    const auto data = std::make_shared<const Waves>(shape);
    Session session(bindShapes(std::move(cell(shape, {"y"})).finish(), {shape}), {},
                    {data, data, true, {}, {}, {}, {}}, {.threads = 1});
    const auto weights = [&](const auto& edit) {
        QuantizationPlan plan = QuantizationPlan::makeDefault();
        edit(plan.defaults);
        const ResolvedPlan resolved = session.resolve(plan, {}, {}).value();
        return resolved.operators[indexOf(*session.operators(plan)->find("cell"))].recurrent;
    };
    const auto plain = weights([](OperatorSettings&) {});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->input.scale.size(), 8u);
    EXPECT_NE(plain->input.scale.front(), plain->input.scale.back()); // a scale per row
    const auto largest = [](const RecurrentMatrix& matrix) {
        return *std::ranges::max_element(matrix.codes, {}, [](std::int8_t code) { return std::abs(code); });
    };
    EXPECT_EQ(std::abs(largest(plain->input)), 127);
    const auto four = weights([](OperatorSettings& s) { s.weight.bits = 4; });
    EXPECT_EQ(std::abs(largest(four->input)), 7);
    EXPECT_EQ(std::abs(largest(four->hidden)), 7);
    const auto single = weights([](OperatorSettings& s) {
        s.weight.granularity = Granularity{Granularity::Kind::PerTensor, 0};
    });
    EXPECT_EQ(single->input.scale.front(), single->input.scale.back());
    const auto clipped = weights([](OperatorSettings& s) {
        s.weight.method = CalibrationMethod{"percentile", 50.0};
    });
    EXPECT_LT(clipped->input.scale.front(), plain->input.scale.front());
}

/// A Relu reads the sum and drops what is below zero: so does the reference that its error is measured
/// against.
TEST(FollowedBy, MeasuresAgainstAReferenceThatIsClampedAsTheReaderClamps)
{
    const Shape shape{1, 64};
    GraphBuilder builder;
    const ValueId x = builder.input("x", DataType::Float32, shape);
    const auto add = [&](const char* type, const char* name, std::vector<ValueId> inputs) {
        Node node;
        node.name = name;
        node.type = type;
        node.version = 14;
        node.inputs = std::move(inputs);
        node.outputs = {builder.value(std::string(name) + "_y")};
        const ValueId output = node.outputs[0];
        builder.node(std::move(node));
        return output;
    };
    builder.output(add("Relu", "relu", {add("Mul", "product", {x, builder.constant("c", wave(shape))})}));
    const auto data = std::make_shared<const Waves>(shape);
    Session session(bindShapes(std::move(builder).finish(), {shape}), {}, {data, data, true, {}, {}, {}, {}},
                    {.threads = 1});
    auto plan = QuantizationPlan::makeDefault();
    plan.operators["product"].activation.followedBy = true;
    const auto report = session.run(std::make_shared<const QuantizationPlan>(plan), {}, {});
    const auto layer = layerOf(*report, "product");
    ASSERT_TRUE(layer && layer->isolated && layer->accumulated);
    EXPECT_GT(layer->isolated->sqnrDb.value_or(200.0),
              30.0); // 3 dB against negative numbers that are dropped
    EXPECT_GT(layer->accumulated->sqnrDb.value_or(200.0), 30.0);
}

} // namespace
