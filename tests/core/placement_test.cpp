// Which operators run in fewer bits because of what stands beside them, and what their codes then are.
#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/quantization/resolved_plan.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

namespace {

using namespace core;

Tensor placedRamp(Shape shape, float low, float high)
{
    TensorBuilder builder(DataType::Float32, std::move(shape));
    const auto values = builder.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = low + (high - low) * static_cast<float>(i) / static_cast<float>(values.size() - 1);
    }
    return std::move(builder).finish();
}

ValueId placedNode(GraphBuilder& b, const std::string& type, const std::string& name,
                   std::vector<ValueId> inputs)
{
    const ValueId output = b.value(name + "_out");
    b.declare(output, DataType::Float32, {1, 4, 3, 3});
    Node node;
    node.name = name;
    node.type = type;
    node.version = 13;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    b.node(std::move(node));
    return output;
}

/// x → before → a → between → b → behind: a Tanh before, between and behind two convolutions.
std::shared_ptr<const OperatorGraph> sandwich()
{
    GraphBuilder b;
    auto x = b.input("x", DataType::Float32, {1, 4, 3, 3});
    x = placedNode(b, "Tanh", "before", {x});
    x = placedNode(b, "Conv", "a", {x, b.constant("wa", placedRamp({4, 4, 1, 1}, -1.0f, 1.0f))});
    x = placedNode(b, "Tanh", "between", {x});
    x = placedNode(b, "Conv", "b", {x, b.constant("wb", placedRamp({4, 4, 1, 1}, 1.0f, -1.0f))});
    b.output(placedNode(b, "Tanh", "behind", {x}));
    return fuseOperators(std::make_shared<const Graph>(std::move(b).finish()), {});
}

struct PlacedNetwork
{
    explicit PlacedNetwork(const QuantizationPlan& plan, float low = -1.0f)
        : graph(sandwich())
        , statistics(graph->graph->values().size())
    {
        const Pipeline pipeline(graph);
        Sample sample;
        sample.inputs = {placedRamp({1, 4, 3, 3}, low, 2.0f)};
        const SampleValues reals = pipeline.runFloat(sample);
        for (std::size_t i = 0; i < reals.size(); ++i) {
            if (reals[i].isDefined()) {
                const Tensor rows = toLayout(reals[i], Layout::RowMajor);
                statistics[i] = statisticsOf(rows.as<float>(), {1, 1});
            }
        }
        WeightCache weights;
        resolved = resolvePlan(*graph, plan, statistics, weights);
    }
    [[nodiscard]] std::size_t find(const std::string& name) const
    {
        return static_cast<std::size_t>(std::ranges::find(graph->operators, name, &Operator::name)
                                        - graph->operators.begin());
    }
    [[nodiscard]] const ResolvedOperator& at(const std::string& name) const
    {
        return resolved.operators[find(name)];
    }
    [[nodiscard]] std::size_t output(const std::string& name) const
    {
        return indexOf(graph->operators[find(name)].result());
    }

    std::shared_ptr<const OperatorGraph> graph;
    std::vector<TensorStatistics> statistics;
    ResolvedPlan resolved;
};

// quantize_graph_pass.cc: a supported operator is quantized between two that must be.
TEST(Placement, SmartQuantizesWhatLiesBetweenTwoProducts)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    const PlacedNetwork full(plan);
    for (const char* name : {"before", "a", "between", "b", "behind"}) {
        EXPECT_EQ(full.at(name).effective, kInt8) << name;
    }
    plan.defaults.quantizeMode = QuantizeMode::Smart;
    const PlacedNetwork smart(plan);
    for (const char* name : {"a", "between", "b"}) {
        EXPECT_EQ(smart.at(name).effective, kInt8) << name;
    }
    EXPECT_EQ(smart.at("before").effective, kFp32);
    EXPECT_EQ(smart.at("before").reason, "quantize_mode smart: no int8 product before it");
    EXPECT_EQ(smart.at("behind").effective, kFp32);
    EXPECT_EQ(smart.at("behind").reason, "quantize_mode smart: no int8 product behind it");
    plan.operators["b"].precision = kFp32;
    EXPECT_EQ(PlacedNetwork(plan).at("between").effective, kFp32);
}

// cpu_bfloat16_placement_pass.cc: an operator in bf16 between float operators is unmarked.
TEST(Placement, AnOperatorAloneInBf16RunsInFloat)
{
    const Precision bf16{Precision::Kind::Bf16, 16};
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.defaults.precision = kFp32;
    plan.operators["between"].precision = bf16;
    plan.operators["b"].precision = bf16;
    plan.operators["before"].precision = bf16;
    EXPECT_EQ(PlacedNetwork(plan).at("before").effective, bf16);
    plan.defaults.bf16Orphans = LowFloatOrphans::Unmark;
    const PlacedNetwork unmarked(plan);
    EXPECT_EQ(unmarked.at("between").effective, bf16);
    EXPECT_EQ(unmarked.at("b").effective, bf16);
    EXPECT_EQ(unmarked.at("before").effective, kFp32);
    EXPECT_EQ(unmarked.at("before").reason, "bf16_orphans unmark: nothing beside it runs in bf16");
}

// quantize_v2 under auto: u8 where the calibrated minimum is not below 0, else s8; zero point 0 either way.
TEST(Placement, AutoTypesAreUnsignedWhereNothingIsBelowZero)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.defaults.activation.type = QuantizedType::Auto;
    const PlacedNetwork positive(plan, 0.0f);
    const QuantizationParams& source = positive.resolved.values[positive.output("before")]->params;
    EXPECT_EQ(source.type, DataType::UInt8);
    EXPECT_EQ(source.zeroPoint[0], 0);
    const PlacedNetwork negative(plan);
    const QuantizationParams& other = negative.resolved.values[negative.output("before")]->params;
    EXPECT_EQ(other.type, DataType::Int8);
    EXPECT_EQ(other.zeroPoint[0], 0);
    plan.defaults.activation.type = QuantizedType::Int8;
    const PlacedNetwork all(plan, 0.0f);
    EXPECT_EQ(all.resolved.values[all.output("before")]->params.type, DataType::Int8);
}

TEST(Placement, Uint8LeavesWhatGoesBelowZeroFloat)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.defaults.activation.type = QuantizedType::Uint8;
    const PlacedNetwork r(plan, 0.0f);
    EXPECT_EQ(r.at("before").effective, kInt8);
    EXPECT_EQ(r.at("a").effective, kInt8);
    EXPECT_FALSE(r.at("a").writesCodes);
    EXPECT_EQ(r.at("between").effective, kFp32);
    EXPECT_EQ(r.at("between").reason, "quantized_dtype uint8: its input 'a_out' goes below 0");
    for (std::size_t i = 0; i < r.resolved.operators.size(); ++i) {
        if (r.resolved.operators[i].writesCodes) {
            EXPECT_EQ(r.resolved.values[indexOf(r.graph->operators[i].result())]->params.zeroPoint[0], 0);
        }
    }
}

// Paddle's rules per operator type and connection: the reader decides how its input is quantized.
TEST(Placement, AnOperatorChoosesTheMethodOfItsInput)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.operators["b"].activation.inputMethods = parseInputMethods("0=percentile:90");
    const PlacedNetwork r(plan);
    const auto& value = r.resolved.values[r.output("between")];
    EXPECT_EQ(toString(value->method), "percentile:90");
    const Range expected = calibrate(r.statistics[r.output("between")],
                                     parseCalibrationMethod("percentile:90"), {Scheme::Asymmetric, 8});
    EXPECT_EQ(value->threshold.min, expected.min);
    EXPECT_EQ(value->threshold.max, expected.max);
    EXPECT_EQ(toString(r.resolved.values[r.output("before")]->method), "minmax");
    plan.operators["between"].activation.method = CalibrationMethod{"manual", std::nullopt};
    plan.operators["between"].activation.range = Range{-0.25, 0.25};
    const PlacedNetwork manual(plan);
    EXPECT_EQ(manual.resolved.values[manual.output("between")]->threshold.max, 0.25);
}

TEST(InputMethods, ReadBackAndRefuseWhatIsNone)
{
    EXPECT_EQ(toString(parseInputMethods("1=minmax,0=entropy:mxnet:4001")), "0=entropy:mxnet:4001,1=minmax");
    EXPECT_EQ(toString(parseInputMethods("none")), "none");
    for (const char* text :
         {"", "0", "0=", "=minmax", "x=minmax", "0=minmax,0=l2", "0=manual", "0=dynamic"}) {
        EXPECT_THROW((void)parseInputMethods(text), Error) << text;
    }
}

} // namespace
