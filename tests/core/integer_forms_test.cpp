#include "core/execution/executable_support.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/quantization/resolved_plan.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace {

using namespace core;

/// One operator between inputs and constants.
struct Case
{
    std::string name;
    std::string type;
    std::vector<Shape> inputs; ///< of floats
    std::vector<std::pair<std::size_t, Tensor>> constants{}; ///< by position among the node's inputs
    std::map<std::string, Attribute, std::less<>> attributes{};
    int opset = 13;
    std::size_t outputs = 1;
    std::string implementation{}; ///< its beginning; empty: any
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::mt19937& engine()
{
    static std::mt19937 random(11);
    return random;
}

Tensor floats(const Shape& shape, float low = -2.0f, float high = 3.0f)
{
    TensorBuilder builder(DataType::Float32, shape);
    std::uniform_real_distribution<float> any(low, high);
    for (float& value : builder.as<float>()) {
        value = any(engine());
    }
    return std::move(builder).finish();
}

Tensor integers(const std::vector<std::int64_t>& values)
{
    return makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

std::shared_ptr<const OperatorGraph> graphOf(const Case& c)
{
    GraphBuilder builder;
    Node node;
    node.name = "op";
    node.type = c.type;
    node.version = c.opset;
    node.attributes = c.attributes;
    std::vector<Shape> shapes;
    std::size_t open = 0;
    for (std::size_t i = 0; i < c.inputs.size() + c.constants.size(); ++i) {
        const auto constant = std::ranges::find(c.constants, i, [](const auto& item) { return item.first; });
        if (constant == c.constants.end()) {
            shapes.push_back(c.inputs[open]);
            node.inputs.push_back(
                builder.input("x" + std::to_string(open++), DataType::Float32, shapes.back()));
        } else {
            node.inputs.push_back(constant->second.isDefined()
                                      ? builder.constant("c" + std::to_string(i), constant->second)
                                      : kNoValue);
        }
    }
    for (std::size_t i = 0; i < c.outputs; ++i) {
        node.outputs.push_back(builder.value("y" + std::to_string(i)));
    }
    const auto outputs = node.outputs;
    builder.node(std::move(node));
    for (const ValueId id : outputs) {
        builder.output(id);
    }
    return fuseOperators(bindShapes(std::move(builder).finish(), shapes), {});
}

QuantizationPlan planOf()
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.types.clear(); // Softmax, too
    plan.defaults.weight.granularity = Granularity{Granularity::Kind::PerTensor, 0};
    return plan;
}

std::vector<TensorStatistics> statisticsOf(const SampleValues& values)
{
    std::vector<TensorStatistics> result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].isDefined() && values[i].type() == DataType::Float32) {
            result[i] = core::statisticsOf(values[i].as<float>(), {1, 1});
        }
    }
    return result;
}

/// The operator in FP32 on what its codes stand for; weights and bias dequantized.
std::vector<Tensor> twinOf(const OperatorGraph& graph, const Operator& op, const ResolvedPlan& plan,
                           const ResolvedOperator& resolved, const SampleValues& values)
{
    Operator copy = op;
    std::vector<Tensor> inputs(op.inputs.size());
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] != kNoValue && !op.constants[i]) {
            const Tensor& value = values[indexOf(op.inputs[i])];
            inputs[i] = plan.isCodes(graph, op.inputs[i])
                ? dequantized(value, plan.values[indexOf(op.inputs[i])]->params)
                : value;
        }
    }
    if (resolved.weights) {
        const float scale = resolved.weights->params.scale[0];
        const std::size_t k = resolved.kind == QuantizedKind::Linear || op.constants[1] ? 1 : 0;
        std::vector<float> reals;
        for (const auto code : resolved.weights->codes) {
            reals.push_back(scale * static_cast<float>(code));
        }
        copy.constants[k] = makeTensor<float>(op.constants[k]->shape(), reals);
        if (!resolved.weights->bias.empty()) {
            std::vector<float> bias;
            for (const std::int32_t code : resolved.weights->bias) {
                bias.push_back(scale * plan.values[indexOf(op.inputs[0])]->params.scale[0]
                               * static_cast<float>(code));
            }
            copy.constants[2] = makeTensor<float>({static_cast<std::int64_t>(bias.size())}, bias);
        }
    }
    return evaluateOperator(copy, inputs);
}

class IntegerForm : public testing::TestWithParam<Case>
{
};

TEST_P(IntegerForm, LiesWithinOneLsbOfItsTwin)
{
    const auto graph = graphOf(GetParam());
    const Pipeline pipeline(graph);
    Sample sample;
    for (const Shape& shape : GetParam().inputs) {
        sample.inputs.push_back(floats(shape));
    }
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(pipeline.runFloat(sample)), weights);
    const OperatorId id = *graph->find("op");
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    ASSERT_NE(resolved.kind, QuantizedKind::None) << resolved.reason;
    const auto form = pipeline.quantizedForm(id, plan);
    EXPECT_TRUE(form->implementation.starts_with(GetParam().implementation)) << form->implementation;

    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, plan, *pipeline.quantizedForm(each, plan), sample, values);
    }
    const Operator& op = graph->at(id);
    const auto twin = twinOf(*graph, op, plan, resolved, values);
    std::size_t differing = 0;
    std::size_t count = 0;
    for (std::size_t k = 0; k < op.outputs.size(); ++k) {
        const QuantizationParams& params = plan.values[indexOf(op.outputs[k])]->params;
        const auto ours = integersOf(toLayout(values[indexOf(op.outputs[k])], Layout::RowMajor));
        const auto expected = integersOf(quantized(toLayout(twin[k], Layout::RowMajor), params));
        ASSERT_EQ(ours.size(), expected.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            ASSERT_LE(std::abs(ours[i] - expected[i]), 1) << "output " << k << " element " << i;
            differing += ours[i] != expected[i] ? 1 : 0;
            ++count;
        }
    }
    RecordProperty("off_by_one", static_cast<int>(differing));
    EXPECT_LE(differing, count / 100 + 1);
}

using Ints = std::vector<std::int64_t>;

/// Gates in 8 bits are no LSB of FP32: SQNR of every output in dB.
class QuantizedGates : public testing::TestWithParam<Case>
{
};

TEST_P(QuantizedGates, FollowTheFp32Cell)
{
    const auto graph = graphOf(GetParam());
    const Pipeline pipeline(graph);
    Sample sample;
    for (const Shape& shape : GetParam().inputs) {
        sample.inputs.push_back(floats(shape, -1.0f, 1.0f));
    }
    const SampleValues reference = pipeline.runFloat(sample);
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(reference), weights);
    const OperatorId id = *graph->find("op");
    ASSERT_EQ(plan.operators[indexOf(id)].kind, QuantizedKind::OwnRange)
        << plan.operators[indexOf(id)].reason;
    EXPECT_EQ(pipeline.quantizedForm(id, plan)->implementation, "quantized-gates");
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, plan, *pipeline.quantizedForm(each, plan), sample, values);
    }
    for (const ValueId output : graph->at(id).outputs) {
        const Tensor real = toLayout(
            dequantized(values[indexOf(output)], plan.values[indexOf(output)]->params), Layout::RowMajor);
        const auto ours = real.as<float>();
        const Tensor rows = toLayout(reference[indexOf(output)], Layout::RowMajor);
        double error = 0.0;
        double signal = 0.0;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            error += std::pow(static_cast<double>(ours[i]) - rows.as<float>()[i], 2);
            signal += std::pow(static_cast<double>(rows.as<float>()[i]), 2);
        }
        EXPECT_GT(10.0 * std::log10(signal / error), 18.0) << graph->value(output).name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Recurrent, QuantizedGates,
    testing::Values(Case{"Lstm",
                         "LSTM",
                         {{6, 2, 17}},
                         {{1, floats({1, 64, 17}, -0.3f, 0.3f)},
                          {2, floats({1, 64, 16}, -0.3f, 0.3f)},
                          {3, floats({1, 128}, -0.3f, 0.3f)}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         3},
                    Case{"LstmReverse",
                         "LSTM",
                         {{5, 1, 9}},
                         {{1, floats({1, 32, 9}, -0.5f, 0.5f)}, {2, floats({1, 32, 8}, -0.5f, 0.5f)}},
                         {{"hidden_size", std::int64_t{8}}, {"direction", std::string("reverse")}},
                         14,
                         3},
                    Case{"LstmBothWays",
                         "LSTM",
                         {{4, 2, 5}},
                         {{1, floats({2, 28, 5}, -0.5f, 0.5f)}, {2, floats({2, 28, 7}, -0.5f, 0.5f)}},
                         {{"hidden_size", std::int64_t{7}}, {"direction", std::string("bidirectional")}},
                         14,
                         3},
                    Case{"LstmWithInitialState",
                         "LSTM",
                         {{3, 1, 8}, {1, 1, 16}, {1, 1, 16}},
                         {{1, floats({1, 64, 8}, -0.4f, 0.4f)},
                          {2, floats({1, 64, 16}, -0.4f, 0.4f)},
                          {3, Tensor()},
                          {4, Tensor()}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         3},
                    Case{"Gru",
                         "GRU",
                         {{6, 2, 17}},
                         {{1, floats({1, 48, 17}, -0.3f, 0.3f)},
                          {2, floats({1, 48, 16}, -0.3f, 0.3f)},
                          {3, floats({1, 96}, -0.3f, 0.3f)}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         2},
                    Case{"GruLinearBeforeReset",
                         "GRU",
                         {{6, 1, 9}},
                         {{1, floats({1, 24, 9}, -0.4f, 0.4f)}, {2, floats({1, 24, 8}, -0.4f, 0.4f)}},
                         {{"hidden_size", std::int64_t{8}}, {"linear_before_reset", std::int64_t{1}}},
                         14,
                         2}),
    [](const auto& c) { return c.param.name; });

Tensor scalars(const std::vector<float>& values)
{
    return makeTensor<float>({static_cast<std::int64_t>(values.size())}, values);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, IntegerForm,
    testing::Values(
        Case{"MatMulBatched", "MatMul", {{2, 3, 17, 33}, {2, 3, 33, 15}}, {}, {}},
        Case{"MatMulOneBatch", "MatMul", {{1, 5, 64}, {1, 64, 31}}, {}, {}},
        Case{"MatMulSharedB", "MatMul", {{2, 7, 16}, {16, 9}}, {}, {}},
        Case{"MatMulBroadcast", "MatMul", {{2, 3, 4, 8}, {1, 3, 8, 5}}, {}, {}},
        Case{"Sub", "Sub", {{2, 5, 7, 3}, {2, 5, 7, 3}}, {}, {}, 13, 1, "elementwise"},
        Case{"SumOfThree", "Sum", {{2, 5, 7, 3}, {2, 5, 7, 3}, {2, 5, 7, 3}}, {}, {}, 13, 1, "sum"},
        Case{"SumBroadcast", "Sum", {{2, 5, 7, 3}, {7, 3}, {2, 5, 7, 3}}, {}, {}},
        Case{"DivByScalar", "Div", {{1, 4, 5}}, {{1, scalars({6.0f})}}, {}, 13, 1, "table"},
        Case{"BatchNormalization",
             "BatchNormalization",
             {{2, 17, 5, 3}},
             {{1, floats({17})}, {2, floats({17})}, {3, floats({17})}, {4, floats({17}, 0.1f, 2.0f)}},
             {},
             15,
             1,
             "channel-table"},
        Case{"PReluByChannel", "PRelu", {{2, 9, 4, 4}}, {{1, floats({9, 1, 1})}}, {}, 16, 1, "channel-table"},
        Case{"PReluOneSlope", "PRelu", {{1, 9, 4}}, {{1, scalars({0.25f})}}, {}, 16, 1, "channel-table"},
        Case{"LayerNormalization",
             "LayerNormalization",
             {{2, 5, 33}},
             {{1, floats({33})}, {2, floats({33})}},
             {{"axis", std::int64_t{-1}}},
             17,
             1,
             "normalize"},
        Case{"InstanceNormalization",
             "InstanceNormalization",
             {{2, 5, 7, 3}},
             {{1, floats({5})}, {2, floats({5})}},
             {},
             13,
             1,
             "normalize"},
        Case{"GroupNormalization",
             "GroupNormalization",
             {{2, 6, 7, 3}},
             {{1, floats({6})}, {2, floats({6})}},
             {{"num_groups", std::int64_t{3}}},
             21,
             1,
             "normalize"},
        Case{"GroupNormalizationByGroup",
             "GroupNormalization",
             {{1, 6, 16}},
             {{1, floats({2})}, {2, floats({2})}},
             {{"num_groups", std::int64_t{2}}},
             18,
             1,
             "normalize"},
        Case{"ReduceMeanLast", "ReduceMean", {{2, 5, 33}}, {}, {{"axes", Ints{-1}}}, 13, 1, "reduce"},
        Case{"ReduceMeanSpatial",
             "ReduceMean",
             {{2, 5, 7, 3}},
             {},
             {{"axes", Ints{2, 3}}, {"keepdims", std::int64_t{0}}},
             13,
             1,
             "reduce"},
        Case{"ReduceMeanApart", "ReduceMean", {{2, 5, 7, 3}}, {}, {{"axes", Ints{1, 3}}}},
        Case{"ReduceSumAll", "ReduceSum", {{2, 5, 3}}, {}, {}, 13, 1, "reduce"},
        Case{"ReduceMax", "ReduceMax", {{2, 5, 7}}, {}, {{"axes", Ints{1}}}},
        Case{"ReduceMin", "ReduceMin", {{2, 5, 7}}, {}, {{"axes", Ints{2}}}},
        Case{"Softmax", "Softmax", {{2, 5, 7}}, {}, {{"axis", std::int64_t{-1}}}, 13, 1, "softmax-int8"},
        Case{"SoftmaxOverChannels",
             "Softmax",
             {{2, 17, 5, 3}},
             {},
             {{"axis", std::int64_t{1}}},
             13,
             1,
             "softmax-int8"},
        Case{"SoftmaxOfOldOpset", "Softmax", {{2, 5, 7}}, {}, {}, 11, 1, "softmax-int8"},
        Case{"SoftmaxLong", "Softmax", {{1, 1000}}, {}, {}, 13, 1, "softmax-int8"}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Windows, IntegerForm,
    testing::Values(
        Case{"Conv1d",
             "Conv",
             {{2, 5, 33}},
             {{1, floats({7, 5, 3})}, {2, floats({7})}},
             {{"pads", Ints{1, 1}}}},
        Case{"Conv1dGrouped",
             "Conv",
             {{1, 6, 17}},
             {{1, floats({9, 2, 3})}},
             {{"group", std::int64_t{3}}, {"dilations", Ints{2}}}},
        Case{"Conv3d",
             "Conv",
             {{1, 3, 5, 6, 7}},
             {{1, floats({4, 3, 3, 3, 3})}, {2, floats({4})}},
             {{"strides", Ints{2, 1, 2}}}},
        Case{"ConvTranspose",
             "ConvTranspose",
             {{1, 5, 7, 6}},
             {{1, floats({5, 9, 3, 3})}, {2, floats({9})}},
             {{"strides", Ints{2, 2}}}},
        Case{"ConvTransposeGrouped",
             "ConvTranspose",
             {{2, 6, 9}},
             {{1, floats({6, 2, 4})}},
             {{"strides", Ints{2}}, {"group", std::int64_t{2}}}},
        Case{"MaxPool1d",
             "MaxPool",
             {{2, 5, 33}},
             {},
             {{"kernel_shape", Ints{3}}, {"strides", Ints{2}}},
             13,
             1,
             "pooling"},
        Case{"MaxPool3d",
             "MaxPool",
             {{1, 5, 6, 7, 8}},
             {},
             {{"kernel_shape", Ints{2, 3, 2}}},
             13,
             1,
             "pooling"},
        Case{"AveragePool1d",
             "AveragePool",
             {{2, 17, 33}},
             {},
             {{"kernel_shape", Ints{4}}, {"pads", Ints{1, 2}}},
             13,
             1,
             "pooling"},
        Case{"AveragePool3d",
             "AveragePool",
             {{1, 5, 6, 7, 8}},
             {},
             {{"kernel_shape", Ints{2, 3, 2}}},
             13,
             1,
             "pooling"},
        Case{"GlobalAveragePool3d", "GlobalAveragePool", {{2, 5, 6, 7, 8}}, {}, {}, 13, 1, "pooling"},
        Case{"ResizeNearest2d",
             "Resize",
             {{1, 5, 4, 6}},
             {{1, Tensor()}, {2, scalars({1, 1, 2, 2})}},
             {{"mode", std::string("nearest")},
              {"coordinate_transformation_mode", std::string("asymmetric")}}},
        Case{"ResizeNearest3d",
             "Resize",
             {{1, 3, 3, 4, 5}},
             {{1, Tensor()}, {2, scalars({1, 1, 2, 2, 2})}},
             {{"mode", std::string("nearest")}}},
        Case{"ResizeLinear2d",
             "Resize",
             {{1, 5, 4, 6}},
             {{1, Tensor()}, {2, scalars({1, 1, 2, 1.5})}},
             {{"mode", std::string("linear")}},
             13,
             1,
             "resize-linear-int8"},
        Case{"ResizeLinear1d",
             "Resize",
             {{2, 17, 9}},
             {{1, Tensor()}, {2, scalars({1, 1, 3})}},
             {{"mode", std::string("linear")},
              {"coordinate_transformation_mode", std::string("align_corners")}},
             13,
             1,
             "resize-linear-int8"},
        Case{"ResizeLinearDown",
             "Resize",
             {{1, 5, 9, 8}},
             {{1, Tensor()}, {2, scalars({1, 1, 0.4f, 0.5f})}},
             {{"mode", std::string("linear")}},
             13,
             1,
             "resize-linear-int8"},
        Case{"UpsampleLinear",
             "Upsample",
             {{1, 3, 4, 5}},
             {{1, scalars({1, 1, 3, 3})}},
             {{"mode", std::string("linear")}},
             9,
             1,
             "resize-linear-int8"},
        Case{"ResizeLinear3d",
             "Resize",
             {{1, 3, 3, 4, 5}},
             {{1, Tensor()}, {2, scalars({1, 1, 2, 2, 2})}},
             {{"mode", std::string("linear")}},
             13,
             1,
             "resize-linear-int8"},
        Case{"UpsampleNearest", "Upsample", {{1, 3, 4, 5}}, {{1, scalars({1, 1, 2, 2})}}, {}, 9}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Movement, IntegerForm,
    testing::Values(
        Case{"Split", "Split", {{1, 6, 5, 3}}, {{1, integers({2, 4})}}, {{"axis", std::int64_t{1}}}, 13, 2},
        Case{"Slice",
             "Slice",
             {{1, 6, 5, 3}},
             {{1, integers({1, 0})}, {2, integers({5, 4})}, {3, integers({1, 2})}},
             {}},
        Case{"Expand", "Expand", {{1, 6, 1}}, {{1, integers({2, 6, 5})}}, {}},
        Case{"Tile", "Tile", {{1, 6, 3}}, {{1, integers({2, 1, 3})}}, {}},
        Case{"DepthToSpace", "DepthToSpace", {{1, 8, 3, 5}}, {}, {{"blocksize", std::int64_t{2}}}},
        Case{"SpaceToDepth", "SpaceToDepth", {{1, 2, 4, 6}}, {}, {{"blocksize", std::int64_t{2}}}},
        Case{"Transpose", "Transpose", {{2, 3, 4, 5}}, {}, {{"perm", Ints{0, 2, 3, 1}}}},
        Case{"Pad", "Pad", {{1, 3, 4, 5}}, {{1, integers({0, 1, 2, 0, 0, 0, 1, 3})}}, {}},
        Case{"GatherRows", "Gather", {{5, 7}}, {{1, integers({4, 0, 0, 2})}}, {}}),
    [](const auto& c) { return c.param.name; });

/// Mul and Add by channel run as one operator on codes: a table per channel.
class ChannelFactors : public testing::TestWithParam<Shape>
{
};

TEST_P(ChannelFactors, RunAsOneOperatorOnCodes)
{
    const Shape shape = GetParam();
    Shape byChannel(shape.size() - 1, 1);
    byChannel[0] = shape[1];
    GraphBuilder builder;
    const ValueId x = builder.input("x", DataType::Float32, shape);
    Node mul;
    mul.name = "scale";
    mul.type = "Mul";
    mul.version = 13;
    mul.inputs = {x, builder.constant("a", floats(byChannel))};
    mul.outputs = {builder.value("scaled")};
    Node add;
    add.name = "shift";
    add.type = "Add";
    add.version = 13;
    add.inputs = {mul.outputs[0], builder.constant("b", floats(byChannel))};
    add.outputs = {builder.value("y")};
    builder.node(std::move(mul));
    builder.node(std::move(add));
    builder.output(builder.value("y"));
    const auto graph = fuseOperators(bindShapes(std::move(builder).finish(), {shape}), {});
    const OperatorId id = *graph->find("scale"); // the inner name finds it, too
    EXPECT_EQ(graph->at(id).name, "shift");
    EXPECT_EQ(graph->at(id).nodeNames, (std::vector<std::string>{"scale", "shift"}));

    const Pipeline pipeline(graph);
    Sample sample;
    sample.inputs = {floats(shape)};
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(pipeline.runFloat(sample)), weights);
    EXPECT_EQ(pipeline.quantizedForm(id, plan)->implementation, "channel-table");
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, plan, *pipeline.quantizedForm(each, plan), sample, values);
    }
    const auto twin = twinOf(*graph, graph->at(id), plan, plan.operators[indexOf(id)], values);
    const ValueId y = graph->at(id).outputs[0];
    EXPECT_EQ(integersOf(toLayout(values[indexOf(y)], Layout::RowMajor)),
              integersOf(quantized(twin[0], plan.values[indexOf(y)]->params)));
}

INSTANTIATE_TEST_SUITE_P(ElementwiseLinear, ChannelFactors,
                         testing::Values(Shape{3, 17}, Shape{2, 5, 9}, Shape{2, 33, 4, 3},
                                         Shape{1, 2, 3, 4, 5}, Shape{1, 16, 1, 1}));

/// Indices are never codes, but they must reach the operator in both pipelines.
TEST(IntegerForms, IndicesComputedAtRunTimeReachGather)
{
    GraphBuilder builder;
    Node node;
    node.name = "op";
    node.type = "Gather";
    node.version = 13;
    node.inputs = {builder.input("x", DataType::Float32, {4, 3}), builder.input("i", DataType::Int64, {2})};
    node.outputs = {builder.value("y")};
    builder.node(std::move(node));
    builder.output(builder.value("y"));
    const auto graph = fuseOperators(bindShapes(std::move(builder).finish(), {{4, 3}, {2}}), {});
    const Pipeline pipeline(graph);
    Sample sample;
    sample.inputs = {floats({4, 3}), integers({3, 1})};
    const SampleValues reference = pipeline.runFloat(sample);
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(reference), weights);
    const OperatorId id = *graph->find("op");
    EXPECT_EQ(plan.operators[indexOf(id)].kind, QuantizedKind::Inherits)
        << plan.operators[indexOf(id)].reason;
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, plan, *pipeline.quantizedForm(each, plan), sample, values);
    }
    const ValueId y = graph->at(id).outputs[0];
    const QuantizationParams& params = plan.values[indexOf(y)]->params;
    EXPECT_EQ(integersOf(values[indexOf(y)]), integersOf(quantized(reference[indexOf(y)], params)));
}

/// An LSTM of which only the first output is used computes the others all the same: they are no counts.
TEST(IntegerForms, UnusedOutputsOfACellAreNotTakenForCounts)
{
    const auto graph = graphOf({"Lstm",
                                "LSTM",
                                {{3, 1, 4}},
                                {{1, floats({1, 8, 4})}, {2, floats({1, 8, 2})}},
                                {{"hidden_size", std::int64_t{2}}},
                                14,
                                1});
    const Pipeline pipeline(graph);
    Sample sample;
    sample.inputs = {floats({3, 1, 4})};
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(pipeline.runFloat(sample)), weights);
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId id{static_cast<std::uint32_t>(i)};
        if (graph->at(id).type == "LSTM") {
            const Tensor x =
                quantized(sample.inputs[0], plan.values[indexOf(graph->at(id).inputs[0])]->params);
            std::vector<Tensor> inputs(graph->at(id).inputs.size());
            inputs[0] = x;
            EXPECT_EQ(pipeline.quantizedForm(id, plan)->run(inputs).size(), graph->at(id).outputs.size());
        }
    }
}

} // namespace
