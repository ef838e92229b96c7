// Ranges that depend on other operators: shared over the inputs of a Concat, narrowed by what reads the
// value.
#include "core/execution/executable_support.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/quantization/resolved_plan.h"
#include "core/quantization/scheme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <tuple>

namespace {

using namespace core;

constexpr std::int64_t kCount = 64;

/// Inputs of one shape and nodes named after their output.
class Net
{
public:
    explicit Net(const std::vector<std::string>& inputs)
    {
        for (const std::string& name : inputs) {
            m_builder.input(name, DataType::Float32, {1, kCount});
        }
        m_shapes.assign(inputs.size(), {1, kCount});
    }
    Net& node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs)
    {
        Node node;
        node.type = type;
        node.name = name;
        node.version = 13;
        if (type == "Concat") {
            node.attributes["axis"] = std::int64_t{1};
        }
        for (const std::string& input : inputs) {
            node.inputs.push_back(m_builder.value(input));
        }
        node.outputs = {m_builder.value(name)};
        m_builder.node(std::move(node));
        return *this;
    }
    std::shared_ptr<const OperatorGraph> finish(const std::vector<std::string>& outputs)
    {
        for (const std::string& output : outputs) {
            m_builder.output(m_builder.value(output));
        }
        return fuseOperators(bindShapes(std::move(m_builder).finish(), m_shapes), {});
    }

private:
    GraphBuilder m_builder;
    std::vector<Shape> m_shapes;
};

/// Evenly from low to high.
Tensor ramp(float low, float high)
{
    TensorBuilder builder(DataType::Float32, {1, kCount});
    const auto values = builder.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = low + (high - low) * static_cast<float>(i) / static_cast<float>(values.size() - 1);
    }
    return std::move(builder).finish();
}

/// A network on one sample under a plan.
struct Resolution
{
    Resolution(std::shared_ptr<const OperatorGraph> operators, const std::vector<Tensor>& inputs,
               const QuantizationPlan& plan)
        : graph(std::move(operators))
        , pipeline(graph)
    {
        sample.inputs = inputs;
        const SampleValues reals = pipeline.runFloat(sample);
        std::vector<TensorStatistics> statistics(reals.size());
        for (std::size_t i = 0; i < reals.size(); ++i) {
            if (reals[i].isDefined()) {
                statistics[i] = statisticsOf(reals[i].as<float>(), {1, 1});
            }
        }
        WeightCache weights;
        resolved = resolvePlan(*graph, plan, statistics, weights);
    }

    [[nodiscard]] std::size_t valueOf(const std::string& name) const
    {
        const auto& values = graph->graph->values();
        return static_cast<std::size_t>(std::ranges::find(values, name, &Value::name) - values.begin());
    }
    [[nodiscard]] const QuantizationParams& params(const std::string& name) const
    {
        return resolved.values[valueOf(name)]->params;
    }
    [[nodiscard]] Range threshold(const std::string& name) const
    {
        return resolved.values[valueOf(name)]->threshold;
    }
    [[nodiscard]] SampleValues codes() const
    {
        SampleValues values(graph->graph->values().size());
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            const OperatorId id{static_cast<std::uint32_t>(i)};
            pipeline.runQuantized(id, resolved, *pipeline.quantizedForm(id, resolved), sample, values);
        }
        return values;
    }

    std::shared_ptr<const OperatorGraph> graph;
    Pipeline pipeline;
    Sample sample;
    ResolvedPlan resolved;
};

QuantizationPlan sharing(std::initializer_list<const char*> concats)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    for (const char* name : concats) {
        plan.operators[name].shareRange = true;
    }
    return plan;
}

TEST(SharedRange, ConcatAndAllItJoinsHaveTheWidestRange)
{
    const auto graph = Net({"a", "b"}).node("Concat", "cat", {"a", "b"}).finish({"cat"});
    const std::vector inputs{ramp(-1.0f, 0.5f), ramp(0.0f, 4.0f)};
    const Resolution apart(graph, inputs, sharing({}));
    EXPECT_NE(apart.params("a"), apart.params("b"));
    const Resolution shared(graph, inputs, sharing({"cat"}));
    EXPECT_EQ(shared.threshold("a"), (Range{-1.0, 4.0}));
    EXPECT_EQ(shared.params("a"), shared.params("b"));
    EXPECT_EQ(shared.params("a"), shared.params("cat"));
    const auto codes = shared.codes(); // nothing is left to requantize
    const auto joined = integersOf(codes[shared.valueOf("cat")]);
    const auto first = integersOf(codes[shared.valueOf("a")]);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), joined.begin()));
}

TEST(SharedRange, ReachesTheProducerBehindOperatorsThatInherit)
{
    const auto graph =
        Net({"a", "b"}).node("Relu", "relu", {"a"}).node("Concat", "cat", {"relu", "b"}).finish({"cat"});
    const Resolution shared(graph, {ramp(-1.0f, 0.5f), ramp(0.0f, 4.0f)}, sharing({"cat"}));
    EXPECT_EQ(shared.params("a"), shared.params("cat"));
    EXPECT_EQ(shared.params("relu"), shared.params("cat"));
}

TEST(SharedRange, ConcatsWithACommonInputShareOneRange)
{
    const auto graph = Net({"a", "b", "c"})
                           .node("Concat", "first", {"a", "b"})
                           .node("Concat", "second", {"b", "c"})
                           .finish({"first", "second"});
    const std::vector inputs{ramp(-1.0f, 0.5f), ramp(0.0f, 1.0f), ramp(-8.0f, 2.0f)};
    const Resolution shared(graph, inputs, sharing({"first", "second"}));
    for (const char* name : {"a", "b", "c", "first", "second"}) {
        EXPECT_EQ(shared.threshold(name), (Range{-8.0, 2.0})) << name;
    }
    const Resolution one(graph, inputs, sharing({"first"}));
    EXPECT_EQ(one.threshold("b"), (Range{-1.0, 1.0}));
    EXPECT_EQ(one.threshold("c"), (Range{-8.0, 2.0}));
}

QuantizationPlan followed(const char* name, Convention convention = Convention::Noisefloor)
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.operators[name].activation.followedBy = true;
    plan.defaults.activation.convention = convention;
    return plan;
}

std::shared_ptr<const OperatorGraph> productBefore(const std::string& type)
{
    return Net({"a", "b"})
        .node("Mul", "product", {"a", "b"})
        .node(type, "last", {"product"})
        .finish({"last"});
}

const std::vector<Tensor>& wide() // the product spans −10…40
{
    static const std::vector kInputs{ramp(-5.0f, 5.0f), ramp(2.0f, 8.0f)};
    return kInputs;
}

TEST(FollowedBy, NarrowsToWhatTheReaderCanTellApart)
{
    for (const auto& [type, convention, range] :
         {std::tuple{"Relu", Convention::Noisefloor, Range{0.0, 40.0}},
          std::tuple{"Sigmoid", Convention::Dnnlowp, Range{-6.0, 6.0}},
          std::tuple{"Tanh", Convention::Dnnlowp, Range{-3.0, 3.0}}}) {
        const Resolution narrow(productBefore(type), wide(), followed("product", convention));
        EXPECT_NEAR(narrow.threshold("product").min, range.min, 1e-6) << type;
        EXPECT_NEAR(narrow.threshold("product").max, range.max, 1e-6) << type;
        const Resolution whole(productBefore(type), wide(), QuantizationPlan::makeDefault());
        EXPECT_LT(whole.threshold("product").min, -9.9) << type;
        EXPECT_LT(narrow.params("product").scale[0], whole.params("product").scale[0]) << type;
    }
    const Resolution relu(productBefore("Relu"), wide(), followed("product"));
    EXPECT_EQ(relu.params("product").zeroPoint[0], 0); // no code is wasted on what Relu drops
    EXPECT_EQ(relu.params("last"), relu.params("product"));
}

/// Where DNNLOWP's tables end is DNNLOWP's matter: a Tanh computed otherwise tells 3 from 4.
TEST(FollowedBy, CutsForSigmoidAndTanhUnderDnnlowpsConventionOnly)
{
    for (const char* const type : {"Sigmoid", "Tanh"}) {
        const Resolution run(productBefore(type), wide(), followed("product"));
        EXPECT_LT(run.threshold("product").min, -9.9) << type;
        EXPECT_GT(run.threshold("product").max, 39.9) << type;
    }
}

TEST(FollowedBy, NarrowsNothingThatOthersRead)
{
    const auto both = Net({"a", "b"})
                          .node("Mul", "product", {"a", "b"})
                          .node("Tanh", "t", {"product"})
                          .node("Sigmoid", "s", {"product"})
                          .finish({"t", "s"});
    EXPECT_LT(Resolution(both, wide(), followed("product")).threshold("product").min, -9.9);
    const auto seen = Net({"a", "b"})
                          .node("Mul", "product", {"a", "b"})
                          .node("Tanh", "t", {"product"})
                          .finish({"t", "product"});
    EXPECT_LT(Resolution(seen, wide(), followed("product")).threshold("product").min, -9.9);
}

// dnnlowp.md 6.4: in 3/127 and 128, out 1/127 and 128 (Tanh); in 6/127 and 128, out 0.5/127 and 0 (Sigmoid).
TEST(FollowedBy, DnnlowpsConventionTakesItsTables)
{
    for (const std::string type : {"Tanh", "Sigmoid"}) {
        const bool isTanh = type == "Tanh";
        const Resolution run(productBefore(type), wide(), followed("product", Convention::Dnnlowp));
        EXPECT_EQ(run.params("product").scale[0], static_cast<float>((isTanh ? 3.0 : 6.0) / 127.0));
        EXPECT_EQ(run.params("product").zeroPoint[0], 128);
        EXPECT_EQ(run.params("last").scale[0], static_cast<float>((isTanh ? 1.0 : 0.5) / 127.0));
        EXPECT_EQ(run.params("last").zeroPoint[0], isTanh ? 128 : 0);
        EXPECT_EQ(run.pipeline.quantizedForm(*run.graph->find("last"), run.resolved)->implementation,
                  "table:dnnlowp");
        const auto reals = run.pipeline.runFloat(run.sample);
        const Tensor ours = dequantized(run.codes()[run.valueOf("last")], run.params("last"));
        for (std::size_t i = 0; i < ours.as<float>().size(); ++i) {
            EXPECT_NEAR(ours.as<float>()[i], reals[run.valueOf("last")].as<float>()[i], 0.03f) << i;
        }
        const Resolution without(productBefore(type), wide(), followed("last", Convention::Dnnlowp));
        EXPECT_EQ(
            without.pipeline.quantizedForm(*without.graph->find("last"), without.resolved)->implementation,
            "table");
    }
}

} // namespace
