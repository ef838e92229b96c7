#include "tests/models/model_run.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>

namespace {

/// The models of the shared index that classifiers_test.cpp does not run.
struct Model
{
    const char* name;
    const char* model;
    const char* data;
    std::size_t samples;
};

void PrintTo(const Model& m, std::ostream* out) { *out << m.name; }

constexpr std::size_t kMostSamples = 100; // of the long form
constexpr std::size_t kMostSteps = 20; // of a sequence: each one is run from the first on

class EveryModel : public testing::TestWithParam<Model>
{
};

/// What ONNX Runtime has to be given for one sample: constants, and the states of our FP32 pipeline.
io::NamedTensors feedsOf(const app::Project& project, std::size_t index, const io::NamedTensors& states)
{
    io::NamedTensors feeds(project.data.constants.begin(), project.data.constants.end());
    const core::Sample sample = project.data.evaluation->load(index);
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        feeds[project.graph->value(project.graph->inputs()[i]).name] = sample.inputs[i];
    }
    for (const auto& [name, state] : states) {
        feeds[name] = state;
    }
    return feeds;
}

/// FP32 outputs of one sample by name, row-major.
io::NamedTensors outputsOf(const app::Project& project, std::size_t index)
{
    const auto plan = models::planWith({});
    const auto graph = project.session->operators(*plan);
    io::NamedTensors outputs;
    for (const core::ValueId id : project.graph->outputs()) {
        const auto tensors = project.session->tensors(plan, *graph->producerOf[core::indexOf(id)], index, {});
        outputs[project.graph->value(id).name] = core::toLayout(tensors->fp32, core::Layout::RowMajor);
    }
    return outputs;
}

TEST_P(EveryModel, RunsInBothPipelines)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, GetParam().samples);
    const auto report = project.session->run(models::planWith({}), {}, {});
    ASSERT_FALSE(report->outputs.empty());
    for (const core::OutputReport& output : report->outputs) {
        EXPECT_TRUE(std::isfinite(output.error.l2)) << output.name;
        EXPECT_GT(output.error.sqnrDb.value_or(1000.0), 0.0) << output.name;
    }
    EXPECT_GT(
        std::ranges::count(report->layers, core::kInt8, [](const auto& layer) { return layer->effective; }),
        static_cast<std::ptrdiff_t>(report->layers.size() / 2));
}

TEST_P(EveryModel, Fp32EqualsOnnxRuntime)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project =
        models::open(model, data, models::isLong() ? kMostSamples : GetParam().samples);
    const std::size_t samples =
        std::min(project.data.evaluation->size(), project.data.states.empty() ? kMostSamples : kMostSteps);
    std::vector<io::NamedTensors> feeds;
    std::vector<io::NamedTensors> ours;
    io::NamedTensors states;
    for (std::size_t i = 0; i < samples; ++i) {
        feeds.push_back(feedsOf(project, i, states));
        ours.push_back(outputsOf(project, i));
        for (const core::StateBinding& state : project.data.states) {
            states[state.input] = ours.back().at(state.output);
        }
    }
    const auto theirs = runtime.run(model, feeds);
    for (const auto& [name, first] : ours.front()) {
        double worst = 0.0;
        double lowest = INFINITY;
        double highest = -INFINITY;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const auto y = ours[i].at(name).as<float>();
            const auto peer = theirs[i].at(name).as<float>();
            ASSERT_EQ(y.size(), peer.size()) << name << " of sample " << i;
            for (std::size_t k = 0; k < y.size(); ++k) {
                worst = std::max(worst, std::fabs(static_cast<double>(y[k]) - peer[k]));
                lowest = std::min<double>(lowest, peer[k]);
                highest = std::max<double>(highest, peer[k]);
            }
        }
        EXPECT_LE(worst, 1e-4 * (highest - lowest)) << name;
        std::printf("%s, %s: largest difference %.2g of the range of %.3g, %zu samples\n", GetParam().name,
                    name.c_str(), worst / (highest - lowest), highest - lowest, samples);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Shared, EveryModel,
    testing::Values(
        Model{"ad_autoencoder", "mlcommons_tiny/ad01_fp32.onnx", "ad_autoencoder.data.json", 4},
        Model{"vww_mobilenet", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json", 4},
        Model{"ppocr_det", "ppocr_v4/ch_PP-OCRv4_det_infer.onnx", "ppocr_det.data.json", 1},
        // Three lines of three widths.
        Model{"ppocr_rec", "ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", "ppocr_rec.data.json", 3},
        Model{"ppocr_cls", "ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ppocr_cls.data.json", 3},
        Model{"ultraface_rfb320", "ultraface/Ultraface.version-RFB-320.onnx", "ultraface_rfb320.data.json",
              2},
        Model{"ultraface_slim320", "ultraface/version-slim-320.onnx", "ultraface_slim320.data.json", 2},
        Model{"silero_vad_op18", "silero_vad/silero_vad_op18_ifless.onnx", "silero_vad_op18.data.json", 6},
        Model{"silero_vad_op15", "silero_vad/silero_vad_16k_op15.onnx", "silero_vad_op15.data.json", 6}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
