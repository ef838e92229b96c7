#include "tests/core/integer_form_cases.h"

#include <gtest/gtest.h>

namespace {

using namespace core;
using namespace core::forms;

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
        EXPECT_EQ(values[indexOf(op.outputs[k])].shape(), graph->value(op.outputs[k]).shape);
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
        Case{"DivByOneOfMoreAxes",
             "Div",
             {{1, 4, 5, 3}},
             {{1, makeTensor<float>({1, 1, 1, 1, 1}, std::vector{6.0f})}},
             {},
             13,
             1,
             "table"},
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
        Case{"TransposeCountedBack", "Transpose", {{2, 3, 4, 5}}, {}, {{"perm", Ints{0, -2, -1, 1}}}},
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

} // namespace
