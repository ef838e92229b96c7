#include "core/base/error.h"
#include "core/execution/executable.h"
#include "core/execution/pipeline.h"
#include "core/network/equalization.h"
#include "core/network/weight_layout.h"
#include "core/session/session.h"
#include "tests/support/chain_network.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

using support::ChainOptions;

core::FusionOptions equalizing()
{
    core::FusionOptions options;
    options.equalize.all = true;
    return options;
}

core::Tensor outputOf(const core::OperatorGraph& graph, const core::Sample& sample)
{
    const core::Pipeline pipeline(std::make_shared<const core::OperatorGraph>(graph));
    return core::toLayout(pipeline.runFloat(sample)[core::indexOf(graph.graph->outputs()[0])],
                          core::Layout::RowMajor);
}

double largestDifference(const core::Tensor& a, const core::Tensor& b)
{
    double difference = 0.0;
    double span = 0.0;
    for (std::size_t i = 0; i < a.as<float>().size(); ++i) {
        difference = std::max<double>(difference, std::fabs(a.as<float>()[i] - b.as<float>()[i]));
        span = std::max<double>(span, std::fabs(a.as<float>()[i]));
    }
    return difference / span;
}

TEST(Equalization, LeavesTheFp32FunctionAsItIs)
{
    const auto graph = support::chainNetwork({300.0, std::nullopt, false, std::nullopt});
    const auto plain = core::fuseOperators(graph, {});
    const auto equalized = core::fuseOperators(graph, equalizing());
    ASSERT_EQ(equalized->equalized.size(), 3u); // conv > depthwise > pointwise > (pool, Flatten) fc
    const auto data = support::chainData(4);
    for (std::size_t i = 0; i < 4; ++i) {
        core::Sample sample = data.evaluation->load(i);
        EXPECT_LE(largestDifference(outputOf(*plain, sample), outputOf(*equalized, sample)), 1e-5);
    }
}

TEST(Equalization, IsTakenOverToTheLastBit)
{
    const auto graph = support::chainNetwork({300.0, std::nullopt, false, std::nullopt});
    const auto equalized = core::fuseOperators(graph, equalizing());
    const core::OperatorGraph taken = core::withEqualizationOf(*core::fuseOperators(graph, {}), *equalized);
    EXPECT_EQ(taken.options, equalized->options);
    EXPECT_EQ(taken.equalized.size(), equalized->equalized.size());
    const auto data = support::chainData(1);
    const core::Tensor expected = outputOf(*equalized, data.evaluation->load(0));
    const core::Tensor output = outputOf(taken, data.evaluation->load(0));
    EXPECT_TRUE(std::ranges::equal(output.as<float>(), expected.as<float>()));
    EXPECT_GT(largestDifference(outputOf(*core::fuseOperators(graph, {}), data.evaluation->load(0)), output),
              0.0);
}

TEST(Equalization, BoundsOfAClipFollowTheirChannel)
{
    const auto graph = support::chainNetwork({300.0, std::nullopt, false, std::nullopt});
    const auto equalized = core::fuseOperators(graph, equalizing());
    const core::Operator& conv = equalized->at(*equalized->find("conv"));
    EXPECT_EQ(conv.activation.kind, kernels::Activation::Kind::Relu);
    ASSERT_EQ(conv.upperBounds.size(), 8u);
    const core::EqualizedPair& pair = equalized->equalized[0];
    for (std::size_t c = 0; c < 8; ++c) {
        EXPECT_FLOAT_EQ(conv.upperBounds[c], 6.0f / pair.scale[c]);
    }
    // The bound is reached: with inputs of 1 … 12 instead of 0 … 1, Clip cuts.
    core::TensorBuilder large(core::DataType::Float32, {1, 3, 12, 12});
    std::ranges::fill(large.as<float>(), 6.0f);
    const core::Sample sample{{std::move(large).finish()}, {}, 1};
    const core::Pipeline pipeline(equalized);
    const core::Tensor y =
        core::toLayout(pipeline.runFloat(sample)[core::indexOf(conv.outputs[0])], core::Layout::RowMajor);
    int cut = 0;
    for (std::size_t i = 0; i < y.as<float>().size(); ++i) {
        EXPECT_LE(y.as<float>()[i], conv.upperBounds[i / 36]);
        cut += y.as<float>()[i] == conv.upperBounds[i / 36] ? 1 : 0;
    }
    EXPECT_GT(cut, 0);
    EXPECT_LE(
        largestDifference(outputOf(*core::fuseOperators(graph, {}), sample), outputOf(*equalized, sample)),
        1e-5);
}

TEST(Equalization, NoRowOutgrowsItsColumnAndOnlyBoundsOfReachHoldOneBack)
{
    const auto equalized =
        core::fuseOperators(support::chainNetwork({300.0, std::nullopt, false, std::nullopt}), equalizing());
    const auto largest = [&](const core::Operator& op, bool rows) {
        const core::WeightLayout layout(op.node, *op.constants[1]);
        std::vector<float> result(rows ? layout.channels() : layout.sourceChannels(), 0.0f);
        const auto values = op.constants[1]->as<float>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            float& most = result[rows ? layout.channelOf(i) : layout.sourceChannelOf(i)];
            most = std::max(most, std::fabs(values[i]));
        }
        return result;
    };
    for (const core::EqualizedPair& pair : equalized->equalized) {
        const auto rows = largest(equalized->at(pair.producer), true);
        const auto columns = largest(equalized->at(pair.consumer), false);
        int balanced = 0;
        for (std::size_t c = 0; c < rows.size(); ++c) {
            EXPECT_LE(rows[c], 1.01f * columns[c]);
            balanced += rows[c] > 0.99f * columns[c] ? 1 : 0;
        }
        EXPECT_GE(balanced, 2);
    }
}

/// A channel of tiny weights and a bias, as BatchNormalization leaves them: by its weights alone it would
/// grow 1e5-fold.
TEST(Equalization, AnAlmostConstantChannelDoesNotWidenTheActivations)
{
    const auto graph = support::chainNetwork({1.0, std::nullopt, false, 4});
    const auto equalized = core::fuseOperators(graph, equalizing());
    const auto before = core::fuseOperators(graph, {});
    const core::Sample sample = support::chainData(1).evaluation->load(0);
    const auto widest = [&](const core::OperatorGraph& g) {
        const core::Tensor y = core::Pipeline(std::make_shared<const core::OperatorGraph>(g))
                                   .runFloat(sample)[core::indexOf(g.at(*g.find("conv")).outputs[0])];
        return *std::ranges::max_element(y.as<float>());
    };
    EXPECT_LT(widest(*equalized), 20.0f * widest(*before));
    EXPECT_LE(largestDifference(outputOf(*before, sample), outputOf(*equalized, sample)), 1e-5);
}

TEST(Equalization, GivenScalesAreTakenAndOthersRefused)
{
    const auto graph = support::chainNetwork({});
    core::FusionOptions options;
    options.equalize.operators["depthwise"] = std::vector<float>(8, 2.0f);
    const auto scaled = core::fuseOperators(graph, options);
    const auto plain = core::fuseOperators(graph, {});
    const auto& before = plain->at(*plain->find("depthwise")).constants[1]->as<float>();
    const auto& after = scaled->at(*scaled->find("depthwise")).constants[1]->as<float>();
    EXPECT_FLOAT_EQ(after[5], 2.0f * before[5]);
    options.equalize.operators["depthwise"] = std::vector<float>(7, 2.0f);
    EXPECT_THROW((void)core::fuseOperators(graph, options), core::Error);
    options.equalize = {};
    options.equalize.operators["conv"] =
        std::vector<float>(3, 2.0f); // reads the clipped input: nothing takes them
    EXPECT_THROW((void)core::fuseOperators(graph, options), core::Error);
}

TEST(Equalization, RaisesThePerTensorSqnrAndUndoingItRestoresTheNumbers)
{
    const auto session = support::chainSession({300.0, std::nullopt, false, std::nullopt}, 8);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.granularity = core::Granularity{core::Granularity::Kind::PerTensor, 0};
    const auto sqnr = [&](const core::QuantizationPlan& p) {
        return *session->run(std::make_shared<const core::QuantizationPlan>(p), {}, {})
                    ->outputs[0]
                    .error.sqnrDb;
    };
    const double before = sqnr(plan);
    auto repaired = plan;
    repaired.defaults.weight.equalize = true;
    EXPECT_GT(sqnr(repaired), before + 10.0);
    EXPECT_EQ(sqnr(plan), before);
    const auto keyOf = [&](const core::QuantizationPlan& p) {
        return session->resolve(p, {}, {})->operators[2].key;
    };
    EXPECT_NE(keyOf(plan), keyOf(repaired));
}

/// min(code, code of the bound) is the code of min: int8 with bounds is the float result quantized.
TEST(Equalization, BoundedCodesAreThoseOfTheBoundedReals)
{
    const auto session = support::chainSession({300.0, std::nullopt, false, std::nullopt}, 4);
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.equalize = true;
    plan.defaults.activation.method = core::CalibrationMethod{"manual", std::nullopt};
    plan.defaults.activation.range = core::Range{0.0, 3.0}; // narrow, so that bounds lie inside and outside
    for (const core::Backend backend : {core::Backend::Real, core::Backend::Reference}) {
        plan.defaults.backend = backend;
        const auto resolved = session->resolve(plan, {}, {});
        const auto graph = session->operators(plan);
        const core::Pipeline pipeline(graph);
        const core::Sample sample = session->data().evaluation->load(0);
        core::SampleValues values(graph->graph->values().size());
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            const auto id = core::OperatorId(i);
            pipeline.runQuantized(id, *resolved, *pipeline.quantizedForm(id, *resolved), sample, values);
        }
        const core::Operator& conv = graph->at(*graph->find("conv"));
        const core::Tensor codes =
            core::toLayout(values[core::indexOf(conv.outputs[0])], core::Layout::RowMajor);
        const auto& params = resolved->values[core::indexOf(conv.outputs[0])]->params;
        for (std::size_t i = 0; i < codes.as<std::uint8_t>().size(); ++i) {
            const float most = std::nearbyint(conv.upperBounds[i / 36] / params.scale[0])
                + static_cast<float>(params.zeroPoint[0]);
            EXPECT_LE(codes.as<std::uint8_t>()[i], most);
        }
    }
}

} // namespace
