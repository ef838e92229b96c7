#include "core/base/error.h"
#include "core/search/macs.h"
#include "core/search/precision_search.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

struct SearchedModel
{
    const char* model;
    const char* data;
};

class Search : public testing::TestWithParam<SearchedModel>
{
};

TEST_P(Search, ReachesTwoPointsOfTop1WithNineTenthsInInt8)
{
    if (!models::isLong()) {
        GTEST_SKIP() << "300 samples per trial: set NOISEFLOOR_LONG";
    }
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, GetParam().data);
    const app::Project project = models::open(model, data);
    core::SearchOptions options;
    options.goal.top1Drop = 2.0;
    options.trials = 60;
    const auto state = core::searchPrecision(*project.session, core::QuantizationPlan::makeDefault(), options,
                                             {}, {}, {}, {});
    ASSERT_TRUE(state);
    const core::Trial& best = state->trials[state->best];
    EXPECT_LE(*best.top1Drop, 2.0);
    EXPECT_GE(best.int8Share, 0.9);
}

INSTANTIATE_TEST_SUITE_P(
    MobileNets, Search,
    testing::Values(SearchedModel{"models/mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                                  "data/mobilenet_v1_0.25_224.data.json"},
                    SearchedModel{"models/mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                                  "data/mobilenet_v1_0.25_128_keras.data.json"},
                    SearchedModel{"models/mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                                  "data/mobilenet_v2_1.0_224.data.json"}));

TEST(SearchTrials, InputsStayFloatWhereOnlyFloatsReadThem)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/silero_vad/silero_vad_16k_op15.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/silero_vad_op15.data.json");
    const app::Project project = models::open(model, data, 32, 2);
    core::SearchOptions options;
    options.samples = 32;
    options.goal.sqnrDb = 25.0;
    options.trials = 60;
    const auto state = core::searchPrecision(*project.session, core::QuantizationPlan::makeDefault(), options,
                                             {}, {}, {}, {});
    ASSERT_TRUE(state);
    const core::Trial& best = state->trials[state->best];
    EXPECT_TRUE(!best.sqnrDb || *best.sqnrDb >= 25.0) << *best.sqnrDb;
    EXPECT_GT(best.int8Share, 0.0);
}

TEST(SearchTrials, EqualizationAcrossLayersIsAMove)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model,
                                   "models/mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/mobilenet_v1_0.25_128_keras.data.json");
    const app::Project project = models::open(model, data, 6, 2);
    core::SearchOptions options;
    options.samples = 6;
    options.goal.sqnrDb = 40.0; // out of reach: all moves are tried
    options.trials = 10;
    options.keepsGranularity = true;
    const auto state = core::searchPrecision(
        *project.session, *models::planWith({"weight.granularity=per-tensor"}), options, {}, {}, {}, {});
    ASSERT_TRUE(state);
    const auto equalized =
        std::ranges::find(state->trials, "channels equalized across layers", &core::Trial::what);
    ASSERT_NE(equalized, state->trials.end());
    double before = -100.0;
    for (auto trial = state->trials.begin(); trial != equalized; ++trial) {
        before = std::max(before, trial->sqnrDb.value_or(-100.0));
    }
    EXPECT_GT(*equalized->sqnrDb, before + 1.0); // one scale for all channels is what is wrong
    EXPECT_TRUE(state->trials[state->best].plan.defaults.weight.equalize);
    // The network was fused anew in the middle of the search: what was measured is what the plan does.
    const auto whole = project.session->outputs(equalized->plan, {}, {});
    ASSERT_TRUE(whole);
    const bool isTheSame = std::ranges::any_of(whole->sums, [&](const kernels::ErrorSums& sums) { // logits
        const double relative = sums.totalSquaredError() / sums.totalSquaredReference();
        return std::abs(*equalized->sqnrDb + 10.0 * std::log10(relative)) < 1e-3;
    });
    EXPECT_TRUE(isTheSame) << *equalized->sqnrDb;
}

/// Calibration and evaluation data are different samples here: what the means gain holds on unseen ones.
TEST(SearchTrials, BiasesByTheMeansOfSamplesAreAMove)
{
    const app::Project project =
        models::open(support::projectFile("resources/sample/digits.onnx"),
                     support::projectFile("resources/sample/sample.data.json"), 200, 64);
    core::SearchOptions options;
    options.samples = 200;
    options.goal.sqnrDb = 60.0; // out of reach: all moves are tried
    options.trials = 10;
    const auto state = core::searchPrecision(*project.session, *models::planWith({"weight.bits=4"}), options,
                                             {}, {}, {}, {});
    ASSERT_TRUE(state);
    const auto trialOf = [&](const char* what) {
        return std::ranges::find(state->trials, what, &core::Trial::what);
    };
    const auto analytic = trialOf("bias correction");
    const auto bySamples = trialOf("biases by the means of calibration samples");
    ASSERT_NE(analytic, state->trials.end());
    ASSERT_NE(bySamples, state->trials.end());
    EXPECT_GT(*bySamples->sqnrDb, *analytic->sqnrDb + 0.5);
    EXPECT_FALSE(bySamples->plan.defaults.weight.biasCorrection);
    const auto& stem = bySamples->plan.operators.at("stem").weight.biasCorrection;
    ASSERT_TRUE(stem);
    EXPECT_EQ(stem->kind, core::BiasCorrection::Kind::Given);
    const auto outputs = project.session->outputs(bySamples->plan, {}, {});
    ASSERT_TRUE(outputs);
    const kernels::ErrorSums& logits = outputs->sums.at(0);
    EXPECT_NEAR(*bySamples->sqnrDb,
                -10.0 * std::log10(logits.totalSquaredError() / logits.totalSquaredReference()), 1e-3);
}

TEST(SearchTrials, AreTakenFromTheMemoryAndTriedInTheSameOrder)
{
    const app::Project project =
        models::open(support::projectFile("resources/sample/digits.onnx"),
                     support::projectFile("resources/sample/sample.data.json"), 8, 2);
    std::map<core::Fingerprint, core::OutputEffect> known;
    std::size_t measured = 0;
    const core::EffectMemory memory{
        [&](const core::Fingerprint& key) {
            const auto found = known.find(key);
            return found == known.end() ? std::nullopt : std::optional(found->second);
        },
        [&](const core::Fingerprint& key, const std::string&, const core::OutputEffect& effect) {
            known[key] = effect;
            ++measured;
        }};
    core::SearchOptions options;
    options.goal.int8Share = 0.8;
    options.trials = 12;
    const auto plan = *models::planWith({"weight.granularity=per-tensor"});
    std::vector<std::size_t> bests;
    const auto first =
        core::searchPrecision(*project.session, plan, options, memory, {}, {},
                              [&](const core::SearchState& state) { bests.push_back(state.best); });
    ASSERT_TRUE(first);
    EXPECT_EQ(measured, first->trials.size());
    EXPECT_FALSE(first->isFinished);
    EXPECT_TRUE(std::ranges::is_sorted(bests));
    EXPECT_GE(first->trials[first->best].int8Share, 0.8);
    EXPECT_FALSE(core::isBetter(first->trials[0], first->trials[first->best], options.goal));

    options.trials = 14;
    const auto again = core::searchPrecision(*project.session, plan, options, memory, {}, {}, {});
    EXPECT_EQ(measured, again->trials.size()); // two more
    for (std::size_t i = 0; i < first->trials.size(); ++i) {
        EXPECT_EQ(first->trials[i].plan, again->trials[i].plan);
        EXPECT_TRUE(again->trials[i].isKnown);
    }
}

TEST(SearchTrials, ATargetOfTop1NeedsLabels)
{
    const app::Project project = models::open(support::projectFile("resources/sample/digits.onnx"), {}, 2, 1);
    core::SearchOptions options;
    options.goal.top1Drop = 1.0;
    EXPECT_THROW((void)core::searchPrecision(*project.session, core::QuantizationPlan::makeDefault(), options,
                                             {}, {}, {}, {}),
                 core::Error);
}

TEST(Macs, CountAConvolutionAndAProduct)
{
    const app::Project project = models::open(support::projectFile("resources/sample/digits.onnx"), {}, 1, 1);
    const auto network = project.session->prepare(core::QuantizationPlan::makeDefault(), {}, {});
    const core::OperatorGraph& graph = network->graph();
    const auto macs = core::macsOf(graph);
    for (std::size_t i = 0; i < macs.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const double results = static_cast<double>(core::elementCount(graph.value(op.result()).shape));
        if (op.type == "Conv") {
            const core::Shape& weights = op.constants[1]->shape(); // out, in / groups, height, width
            EXPECT_EQ(macs[i], results * static_cast<double>(weights[1] * weights[2] * weights[3]))
                << op.name;
        } else if (op.type == "Gemm") {
            EXPECT_EQ(macs[i], static_cast<double>(op.constants[1]->count())) << op.name;
        } else {
            EXPECT_EQ(macs[i], 0.0) << op.name;
        }
    }
    EXPECT_EQ(core::int8Share(*network, macs), 1.0);
    const auto floats = project.session->prepare(*models::planWith({"precision=fp32"}), {}, {});
    EXPECT_EQ(core::int8Share(*floats, macs), 0.0);
}

} // namespace
