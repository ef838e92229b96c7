#include "core/execution/emulated_executable.h"
#include "core/execution/pipeline.h"
#include "core/measure/layer_metrics.h"
#include "io/reports/report_json.h"
#include "kernels/codes/reference_quantize.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

struct ModelWithData
{
    const char* model;
    const char* data;
    bool isLarge;
};

void PrintTo(const ModelWithData& m, std::ostream* out) { *out << m.model; }

const ModelWithData kModels[] = {
    {"mnist_cntk/mnist.onnx", "mnist_cntk.data.json", false},
    {"mlcommons_tiny/ad01_fp32.onnx", "ad_autoencoder.data.json", false},
    {"mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json", false},
    {"mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json", false},
    {"mlcommons_tiny/pretrainedResnet_large_float.onnx", "resnet8_large.data.json", true},
    {"mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json", true},
    {"cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json", true},
    {"cifar10_resnet/cifar10_resnet20_simplified.onnx", "cifar10_resnet20_simplified.data.json", false},
    {"cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json", true},
    {"mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
     "mobilenet_v1_0.25_128_keras.data.json", true},
    {"mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx", "mobilenet_v1_0.25_224.data.json", true},
    {"mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx", "mobilenet_v2_1.0_224.data.json", true},
    {"squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json", true},
    {"ultraface/version-RFB-320_without_postprocessing.onnx", "ultraface_rfb320.data.json", true},
    {"ultraface/version-slim-320.onnx", "ultraface_slim320.data.json", true},
    {"ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ppocr_cls.data.json", true},
    {"ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", "ppocr_rec.data.json", true},
    {"ppocr_v4/ch_PP-OCRv4_det_infer.onnx", "ppocr_det.data.json", true},
};

kernels::ElementType elementType(core::DataType type)
{
    return type == core::DataType::Int8 ? kernels::ElementType::S8 : kernels::ElementType::U8;
}

/// Largest difference in steps: of codes, or of floats in units of 2⁻¹⁶ of the largest.
double difference(const core::Tensor& a, const core::Tensor& other)
{
    const core::Tensor b = core::toLayout(other, a.layout());
    double worst = 0.0;
    if (a.type() == core::DataType::Float32) {
        double most = 0.0;
        for (const float x : a.as<float>()) {
            most = std::max(most, std::fabs(static_cast<double>(x)));
        }
        for (std::size_t i = 0; i < a.as<float>().size(); ++i) {
            worst = std::max(
                worst,
                std::fabs(static_cast<double>(a.as<float>()[i]) - static_cast<double>(b.as<float>()[i])));
        }
        return most > 0.0 ? worst / most * 65536.0 : worst;
    }
    const std::span bytesA(a.data(), a.byteCount());
    const std::span bytesB(b.data(), b.byteCount());
    for (std::size_t i = 0; i < bytesA.size(); ++i) {
        const auto type = elementType(a.type());
        worst = std::max(worst,
                         std::fabs(static_cast<double>(kernels::codeAt(bytesA, type, i)
                                                       - kernels::codeAt(bytesB, type, i))));
    }
    return worst;
}

class Arithmetic : public testing::TestWithParam<ModelWithData>
{
protected:
    void SetUp() override
    {
        if (GetParam().isLarge && !models::isLong()) {
            GTEST_SKIP() << "large: runs with NOISEFLOOR_LONG";
        }
    }
};

// Real int8, our exact int8 kernels and the kernel that emulates other targets, on the same codes.
TEST_P(Arithmetic, EmulatedInt8EqualsRealInt8OnEveryOperator)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 2);
    const auto plan = models::planWith({});
    const auto real = project.session->resolve(*plan, {}, {});
    const auto own = project.session->resolve(*models::planWith({"backend=emulated"}), {}, {});
    core::ResolvedPlan emulated = *own;
    core::Pipeline pipeline(project.session->operators(*plan));
    const core::OperatorGraph& graph = pipeline.graph();
    const core::Sample sample = project.session->data().evaluation->load(0);
    const auto reference = pipeline.runFloat(sample);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        if (real->operators[i].kind == core::QuantizedKind::None) {
            continue;
        }
        const core::OperatorId id{static_cast<std::uint32_t>(i)};
        const auto run = [&](const core::ResolvedPlan& p, const core::Executable& form) {
            return pipeline.runIsolated(id, p, form, sample, reference).first;
        };
        const core::Tensor expected = run(*real, *pipeline.quantizedForm(id, *real));
        EXPECT_LE(difference(expected, run(*own, *pipeline.quantizedForm(id, *own))), 1.0)
            << graph.at(id).name;
        if (real->operators[i].kind == core::QuantizedKind::Linear && real->operators[i].weights) {
            EXPECT_LE(difference(expected, run(emulated, core::compileEmulatedLinear(graph, id, emulated))),
                      1.0)
                << graph.at(id).name;
        }
        ++compared;
    }
    EXPECT_GT(compared, 3u);
}

// l2² is summed here from y − Q(y), apart from the split.
TEST_P(Arithmetic, ErrorOfTheOutputSplitsIntoClipRoundAndCross)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 2);
    const auto plan = models::planWith({"activation.method=percentile:99"});
    const auto resolved = project.session->resolve(*plan, {}, {});
    core::Pipeline pipeline(project.session->operators(*plan));
    const auto reference = pipeline.runFloat(project.session->data().evaluation->load(0));
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (!resolved->values[i] || !reference[i].isDefined()
            || reference[i].type() != core::DataType::Float32) {
            continue;
        }
        const core::QuantizationParams& params = resolved->values[i]->params;
        const core::Tensor back = core::dequantized(core::quantized(reference[i], params), params);
        double l2 = 0.0;
        for (std::size_t k = 0; k < back.as<float>().size(); ++k) {
            const double d =
                static_cast<double>(reference[i].as<float>()[k]) - static_cast<double>(back.as<float>()[k]);
            l2 += d * d;
        }
        const auto split = core::splitOf(reference[i], params, 0);
        EXPECT_NEAR(l2, split.squaredClip + split.squaredRound + split.cross, 1e-6 * l2) << i;
        clipped += split.clipped;
    }
    EXPECT_GT(clipped, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shared, Arithmetic, testing::ValuesIn(kModels), [](const auto& parameter) {
    std::string name;
    for (const char c : std::string(parameter.param.model)) {
        name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    }
    return name;
});

app::Project sample(std::size_t samples = 8)
{
    return models::open(support::projectFile("resources/sample/digits.onnx"),
                        support::projectFile("resources/sample/sample.data.json"), samples);
}

double sqnr(const app::Project& project, const std::vector<std::string>& settings)
{
    return project.session->run(models::planWith(settings), {}, {})
        ->outputs.at(0)
        .error.sqnrDb.value_or(999.0);
}

TEST(ArithmeticSample, MoreBitsLessError)
{
    const app::Project project = sample();
    double last = -100.0;
    for (const char* precision : {"int3", "int5", "int7", "int8", "int10", "int12", "int14", "int16"}) {
        const double now = sqnr(project, {std::string("precision=") + precision});
        EXPECT_GT(now, last) << precision;
        last = now;
    }
    EXPECT_GT(last, 70.0); // 8 bits more are 48 dB
    EXPECT_GT(sqnr(project, {"activation.bits=16"}), sqnr(project, {}));
    EXPECT_GT(sqnr(project, {"precision=fp16"}),
              sqnr(project, {"precision=bf16"}) + 12.0); // 3 bits of mantissa: 18 dB
}

TEST(ArithmeticSample, FinerGroupsOfWeightsLessError)
{
    const app::Project project = sample();
    const auto weightError = [&](const char* granularity) {
        double sum = 0.0;
        const auto report = project.session->run(
            models::planWith({"weight.bits=4", std::string("weight.granularity=") + granularity}), {}, {});
        for (const auto& layer : report->layers) {
            sum += layer->weightError ? layer->weightError->relativeL2.value_or(0.0) : 0.0;
        }
        return sum;
    };
    EXPECT_LT(weightError("group:4"), weightError("per-channel"));
    EXPECT_LE(weightError("per-channel"), weightError("per-conv-group"));
    EXPECT_LE(weightError("per-conv-group"), weightError("per-tensor"));
}

TEST(ArithmeticSample, SaturationIsCountedByChannelAndTheSameWhenInterrupted)
{
    const std::vector<std::string> settings{"accumulator=s32-pair-saturating",
                                            "activation.scheme=asymmetric"};
    const app::Project project = sample();
    const auto first = project.session->run(models::planWith(settings), {}, {});
    std::int64_t pairs = 0;
    for (const auto& layer : first->layers) {
        if (layer->saturation) {
            EXPECT_FALSE(layer->saturation->pairs.empty());
            for (const std::int64_t count : layer->saturation->pairs) {
                pairs += count;
            }
        }
    }
    EXPECT_GT(pairs, 0);
    // Restricted to 7 bits no pair can saturate.
    auto reduced = settings;
    reduced.emplace_back("weight.reduce_range=true");
    const auto second = project.session->run(models::planWith(reduced), {}, {});
    for (const auto& layer : second->layers) {
        if (layer->saturation) {
            EXPECT_EQ(std::ranges::count(layer->saturation->pairs, 0), std::ssize(layer->saturation->pairs))
                << layer->name;
        }
    }
    // A run after the calibration pass of another plan, with activations cached, counts alike.
    const auto again = sample().session->run(models::planWith(settings), {}, {});
    const auto withoutTimes = [](const core::Report& report) {
        auto json = nlohmann::json::parse(io::reportToJson(report));
        json.erase("timing");
        for (auto& op : json["operators"]) {
            op.erase("time_us");
        }
        return json;
    };
    EXPECT_EQ(withoutTimes(*first), withoutTimes(*again));
}

TEST(ArithmeticSample, OutliersKeepSixteenBitSumsUsable)
{
    const app::Project project = sample();
    const double plain = sqnr(project, {"accumulator=s16-outlier:8", "weight.reduce_range=false"});
    const double exact = sqnr(project, {});
    EXPECT_LT(plain, exact - 3.0); // nothing kept apart: sums saturate
    const auto report = project.session->run(models::planWith({"accumulator=s16-outlier:2"}), {}, {});
    EXPECT_TRUE(std::ranges::any_of(report->warnings, [](const std::string& w) {
        return w.find("saturating pairs instead") != std::string::npos;
    }));
}

TEST(ArithmeticSample, FixedPointRequantizationStaysClose)
{
    const app::Project project = sample();
    const double exact = sqnr(project, {});
    for (const char* form : {"gemmlowp", "qnnpack", "dnnlowp"}) {
        EXPECT_NEAR(sqnr(project, {std::string("requantization=") + form, "fuse_residual=false"}), exact, 2.0)
            << form;
        EXPECT_NEAR(sqnr(project, {std::string("requantization=") + form}), exact, 2.0) << form;
    }
    EXPECT_NEAR(sqnr(project, {"rounding=dnnlowp"}), exact, 2.0);
    EXPECT_NEAR(sqnr(project, {"rounding=pytorch"}), exact, 2.0);
}

TEST(ArithmeticSample, ARequantizationWithoutAFormIsSaidByOperator)
{
    const app::Project project = sample();
    const auto says = [&](const std::vector<std::string>& settings, const std::string& text) {
        const auto report = project.session->run(models::planWith(settings), {}, {});
        return std::ranges::any_of(report->warnings,
                                   [&](const std::string& w) { return w.find(text) != std::string::npos; });
    };
    EXPECT_TRUE(says({"requantization=gemmlowp", "precision=int12"},
                     "requantization gemmlowp has no form with more than 8 bits: float instead"));
    EXPECT_TRUE(
        says({"rounding=dnnlowp", "precision=int12"}, "rounding dnnlowp has no form with more than 8 bits"));
    EXPECT_FALSE(says({"requantization=gemmlowp"}, "has no form with"));
}

TEST(ArithmeticSample, DeployedOnAvx2LosesWhatIdealKeeps)
{
    const app::Project project = sample();
    EXPECT_LE(sqnr(project, {"target=avx2"}), sqnr(project, {"target=ideal"}) + 0.5);
    const auto report =
        project.session->run(models::planWith({"target=avx2", "activation.scheme=symmetric"}), {}, {});
    EXPECT_TRUE(std::ranges::any_of(report->layers, [](const auto& layer) {
        return layer->implementation.find("halved-weights") != std::string::npos;
    }));
}

TEST(ArithmeticSample, FakeFormsAreOfMatrixProducts)
{
    const app::Project project = sample();
    for (const char* precision :
         {"fake-fp16", "fake-bfp14", "fake-bfp16", "fake-bfp16-round", "fake-bfp24"}) {
        const auto report =
            project.session->run(models::planWith({std::string("precision=") + precision}), {}, {});
        for (const auto& layer : report->layers) {
            const bool isMatrix = layer->type == "Gemm" || layer->type == "MatMul";
            EXPECT_EQ(core::toString(layer->effective), isMatrix ? precision : "fp32") << layer->name;
        }
    }
}

} // namespace
