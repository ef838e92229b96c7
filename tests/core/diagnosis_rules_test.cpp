#include "core/diagnosis/diagnose.h"
#include "core/graph/bind_shapes.h"
#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace {

using core::DiagnosedCause;
using core::ValueId;

/// Builds networks of few nodes on the images of chainData (1×3×12×12, 0…1).
class Sketch
{
public:
    explicit Sketch(unsigned seed)
        : m_random(seed)
    {
        m_last = m_builder.input("image", core::DataType::Float32, {1, 3, 12, 12});
    }

    [[nodiscard]] ValueId last() const { return m_last; }

    ValueId node(const std::string& name, const std::string& type, std::vector<ValueId> inputs)
    {
        core::Node node;
        node.name = name;
        node.type = type;
        node.version = 17;
        node.inputs = std::move(inputs);
        if (type == "Conv") {
            node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
        }
        if (type == "MaxPool") {
            node.attributes["kernel_shape"] = std::vector<std::int64_t>{2, 2};
        }
        m_last = m_builder.value(name + "_out");
        node.outputs = {m_last};
        m_builder.node(std::move(node));
        return m_last;
    }

    ValueId conv(const std::string& name, ValueId src, std::int64_t from, std::int64_t to, float spread)
    {
        std::normal_distribution<float> normal(0.0f, spread);
        return node(name, "Conv",
                    {src, constant(name + "_w", {to, from, 3, 3}, [&] { return normal(m_random); })});
    }

    template <typename Value>
    ValueId constant(const std::string& name, const core::Shape& shape, const Value& value)
    {
        std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
        std::ranges::generate(values, value);
        return m_builder.constant(name, core::makeTensor<float>(shape, values));
    }

    std::shared_ptr<const core::Graph> finish() &&
    {
        m_builder.output(m_last);
        return core::bindShapes(std::move(m_builder).finish(), {{1, 3, 12, 12}});
    }

private:
    core::GraphBuilder m_builder{"sketch"};
    std::mt19937 m_random;
    ValueId m_last{};
};

std::shared_ptr<const core::Diagnosis> diagnosisOf(std::shared_ptr<const core::Graph> graph,
                                                   const core::QuantizationPlan& plan,
                                                   core::DataSource data = support::chainData(8))
{
    core::SessionOptions options;
    options.threads = 1;
    core::Session session(std::move(graph), core::ModelInfo{}, std::move(data), options);
    core::DiagnosisOptions wanted;
    wanted.mostMeasured = 2;
    wanted.threads = 1;
    return core::diagnose(session, std::make_shared<const core::QuantizationPlan>(plan), wanted, {}, {});
}

/// The finding of that cause; null where there is none.
const core::Finding* find(const core::Diagnosis& diagnosis, DiagnosedCause cause)
{
    const auto found = std::ranges::find(diagnosis.findings, cause, &core::Finding::cause);
    return found != diagnosis.findings.end() ? &*found : nullptr;
}

double gainOf(const core::Finding& finding)
{
    double best = 0.0;
    for (const core::Fix& fix : finding.fixes) {
        best = std::max(best, fix.gainDb.value_or(0.0));
    }
    return best;
}

core::OperatorSettings withMethod(const char* method)
{
    core::OperatorSettings settings;
    settings.activation.method = core::parseCalibrationMethod(method);
    return settings;
}

/// (small + large) − large: what is left of `small` has been rounded in steps of `large`.
std::shared_ptr<const core::Graph> sumNetwork(float large, unsigned seed)
{
    Sketch sketch(seed);
    const ValueId image = sketch.last();
    const ValueId small = sketch.conv("small", image, 3, 8, 0.2f);
    const ValueId big = sketch.conv("large", image, 3, 8, 0.2f * large);
    const ValueId sum = sketch.node("sum", "Add", {small, big});
    const ValueId one = sketch.node("pooled", "MaxPool", {sum}); // readers of both, so that nothing is fused
    const ValueId other = sketch.node("pooledLarge", "MaxPool", {big});
    sketch.node("rest", "Sub", {one, other});
    return std::move(sketch).finish();
}

core::QuantizationPlan apart()
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.fuseResidual = false;
    return plan;
}

class DiagnosisRules : public testing::TestWithParam<unsigned>
{
};

TEST_P(DiagnosisRules, AnUnbalancedAddIsNamedAndAFixRecovers)
{
    const auto faulty = diagnosisOf(sumNetwork(64.0f, GetParam()), apart());
    const core::Finding* finding = find(*faulty, DiagnosedCause::UnbalancedInputs);
    ASSERT_NE(finding, nullptr) << faulty->findings.front().guilty << " "
                                << core::idOf(faulty->findings.front().cause);
    EXPECT_EQ(finding->guilty, "sum");
    EXPECT_EQ(finding, &faulty->findings.front()) << core::idOf(faulty->findings.front().cause);
    EXPECT_GT(gainOf(*finding), 3.0);
    EXPECT_EQ(find(*diagnosisOf(sumNetwork(1.0f, GetParam()), apart()), DiagnosedCause::UnbalancedInputs),
              nullptr);
}

TEST_P(DiagnosisRules, AnUnfoldedBatchNormalizationIsNamedAndFoldingIsTheFix)
{
    Sketch sketch(GetParam());
    const ValueId conv = sketch.conv("conv", sketch.last(), 3, 8, 0.2f);
    std::mt19937 random(GetParam());
    std::uniform_real_distribution<float> uniform(0.5f, 2.0f);
    const auto draw = [&] { return uniform(random); };
    const ValueId normalized =
        sketch.node("bn", "BatchNormalization",
                    {conv, sketch.constant("scale", {8}, draw), sketch.constant("bias", {8}, draw),
                     sketch.constant("mean", {8}, draw), sketch.constant("variance", {8}, draw)});
    sketch.conv("last", sketch.node("relu", "Relu", {normalized}), 8, 4, 0.2f);
    const auto graph = std::move(sketch).finish();
    auto plan = core::QuantizationPlan::makeDefault();
    EXPECT_EQ(find(*diagnosisOf(graph, plan), DiagnosedCause::UnfoldedBatchNormalization), nullptr);
    plan.fuse = false;
    const auto faulty = diagnosisOf(graph, plan);
    const core::Finding* finding = find(*faulty, DiagnosedCause::UnfoldedBatchNormalization);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->guilty, "bn");
    EXPECT_EQ(finding->fixes.front().label, "fusion=on");
    EXPECT_TRUE(finding->fixes.front().apply(plan).fuse);
}

TEST_P(DiagnosisRules, AnIntegerOperatorBetweenFloatOnesIsAnIsland)
{
    Sketch sketch(GetParam());
    const ValueId first = sketch.conv("first", sketch.last(), 3, 8, 0.2f);
    const ValueId middle = sketch.conv("middle", first, 8, 8, 0.2f);
    sketch.conv("last", middle, 8, 4, 0.2f);
    const auto graph = std::move(sketch).finish();
    auto plan = core::QuantizationPlan::makeDefault();
    EXPECT_EQ(find(*diagnosisOf(graph, plan), DiagnosedCause::QuantizedIsland), nullptr);
    plan.operators["first"].precision = core::kFp32;
    plan.operators["last"].precision = core::kFp32;
    const auto faulty = diagnosisOf(graph, plan);
    const core::Finding* finding = find(*faulty, DiagnosedCause::QuantizedIsland);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->guilty, "middle");
    EXPECT_GT(gainOf(*finding), 10.0); // in float all around, nothing is left
}

TEST_P(DiagnosisRules, TheFirstOperatorThatWritesNaNIsTheSource)
{
    const auto network = [&](bool isGuarded) {
        Sketch sketch(GetParam());
        ValueId value = sketch.conv("first", sketch.last(), 3, 8, 0.2f);
        if (isGuarded) {
            value = sketch.node("guard", "Relu", {value});
        }
        value = sketch.node("root", "Sqrt", {value}); // NaN below zero
        sketch.conv("last", value, 8, 4, 0.2f);
        return std::move(sketch).finish();
    };
    const auto faulty = diagnosisOf(network(false), core::QuantizationPlan::makeDefault());
    ASSERT_FALSE(faulty->findings.empty());
    EXPECT_EQ(faulty->findings.front().cause, DiagnosedCause::NonFiniteValues);
    EXPECT_EQ(faulty->findings.front().guilty, "root");
    EXPECT_EQ(find(*diagnosisOf(network(true), core::QuantizationPlan::makeDefault()),
                   DiagnosedCause::NonFiniteValues),
              nullptr);
}

TEST_P(DiagnosisRules, AnEntryThatRepeatsTheDefaultsIsIdle)
{
    Sketch sketch(GetParam());
    sketch.conv("last", sketch.conv("first", sketch.last(), 3, 8, 0.2f), 8, 4, 0.2f);
    const auto graph = std::move(sketch).finish();
    auto plan = core::QuantizationPlan::makeDefault();
    plan.operators["first"] = withMethod("minmax"); // as the defaults say
    plan.operators["last"] = withMethod("l2");
    const auto found = diagnosisOf(graph, plan);
    const core::Finding* finding = find(*found, DiagnosedCause::OverrideWithoutEffect);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->guilty, "first");
    EXPECT_EQ(
        std::ranges::count(found->findings, DiagnosedCause::OverrideWithoutEffect, &core::Finding::cause), 1);
}

TEST_P(DiagnosisRules, EntropyWithOneCandidateIsDegenerate)
{
    Sketch sketch(GetParam());
    sketch.conv("last", sketch.conv("first", sketch.last(), 3, 8, 0.2f), 8, 4, 0.2f);
    const auto graph = std::move(sketch).finish();
    auto plan = core::QuantizationPlan::makeDefault();
    plan.operators["first"] = withMethod("entropy:ort:2048");
    EXPECT_EQ(find(*diagnosisOf(graph, plan), DiagnosedCause::DegenerateCalibrator), nullptr);
    plan.operators["first"] = withMethod("entropy:ort:128");
    const auto faulty = diagnosisOf(graph, plan);
    const core::Finding* finding = find(*faulty, DiagnosedCause::DegenerateCalibrator);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->guilty, "first");
}

TEST_P(DiagnosisRules, ASigmoidWithTheRangeOfSomethingElseIsNamedAndFixed)
{
    Sketch sketch(GetParam());
    const ValueId pooled = sketch.node("pool", "MaxPool", {sketch.conv("first", sketch.last(), 3, 8, 0.4f)});
    sketch.conv("last", sketch.node("gate", "Sigmoid", {pooled}), 8, 4, 0.2f);
    const auto graph = std::move(sketch).finish();
    auto plan = core::QuantizationPlan::makeDefault();
    EXPECT_EQ(find(*diagnosisOf(graph, plan), DiagnosedCause::BoundedOutput), nullptr);
    plan.operators["gate"] = withMethod("manual");
    plan.operators["gate"].activation.range = core::Range{-8.0f, 8.0f};
    const auto faulty = diagnosisOf(graph, plan);
    const core::Finding& first = faulty->findings.front();
    EXPECT_EQ(first.cause, DiagnosedCause::BoundedOutput) << core::idOf(first.cause);
    EXPECT_EQ(first.guilty, "gate");
    EXPECT_GT(gainOf(first), 3.0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DiagnosisRules, testing::Values(1u, 2u));

} // namespace
