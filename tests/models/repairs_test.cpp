#include "core/network/dead_channels.h"
#include "core/repair/repair.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>

namespace {

struct MobileNet
{
    const char* name;
    const char* model;
    const char* data;
};

void PrintTo(const MobileNet& m, std::ostream* out) { *out << m.name; }

constexpr std::size_t kFewSamples = 60;

class Repaired : public testing::TestWithParam<MobileNet>
{
protected:
    /// Points of top-1 that a plan loses.
    static double lossOf(core::Session& session, const std::vector<std::string>& settings)
    {
        const auto measure = core::measurePlan(session, *models::planWith(settings), {}, {});
        std::printf("%s\n  top-1 %.2f of %.2f, SQNR %.2f dB, %zu samples\n", settings.back().c_str(),
                    measure->top1, measure->fp32Top1, measure->sqnrDb.value_or(0.0),
                    static_cast<std::size_t>(measure->samples));
        return measure->fp32Top1 - measure->top1;
    }
};

// 60 samples: one is 1.67 points, so a step or two are allowed on top.
TEST_P(Repaired, PerTensorWeightsComeBackAndPerChannelOnesToo)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, models::isLong() ? 0 : kFewSamples);
    core::Session& session = *project.session;
    const double slack = models::isLong() ? 0.0 : 4.0;
    EXPECT_GT(lossOf(session, {"weight.granularity=per-tensor"}), 30.0);
    EXPECT_LE(lossOf(session,
                     {"weight.granularity=per-tensor", "weight.zero_dead_channels=true",
                      "weight.equalize=true", "weight.bias_correction=analytic"}),
              3.0 + slack);
    EXPECT_LE(lossOf(session, {"weight.bias_correction=analytic"}), 1.5 + slack);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Repaired,
    testing::Values(MobileNet{"mobilenet_v1", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                              "mobilenet_v1_0.25_224.data.json"},
                    MobileNet{"mobilenet_v1_keras",
                              "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                              "mobilenet_v1_0.25_128_keras.data.json"},
                    MobileNet{"mobilenet_v2", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                              "mobilenet_v2_1.0_224.data.json"}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
