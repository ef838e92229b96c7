#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

struct Expectation
{
    const char* name;
    const char* model;
    const char* data;
    double referenceTop1; ///< ONNX Runtime, percent, all samples
    double leastLoss; ///< int8, per-channel, min-max: points of top-1
    double mostLoss;
    double leastAgreement; ///< percent
    double leastLogitSqnr; ///< dB; 0: not asked
};

void PrintTo(const Expectation& e, std::ostream* out) { *out << e.name; }

class Classifier : public testing::TestWithParam<Expectation>
{
};

// The accuracies of the index are over all samples, so these run on all of them: the shared sets are small.
TEST_P(Classifier, KeepsItsAccuracyInFp32AndLosesLittleInInt8)
{
    const Expectation& e = GetParam();
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + e.model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + e.data);
    const app::Project project = models::open(model, data);
    const auto plan = models::planWith({});
    const auto result = project.session->outputs(*plan, {}, {});
    ASSERT_TRUE(result && result->accuracy && result->accuracy->labelled);
    const core::Accuracy& a = *result->accuracy;
    EXPECT_NEAR(a.fp32.top1, e.referenceTop1, 0.4);
    const double loss = a.fp32.top1 - a.quantized.top1;
    EXPECT_LE(loss, e.mostLoss);
    EXPECT_GE(loss, e.leastLoss);
    EXPECT_GE(a.top1Agreement, e.leastAgreement);
    const auto network = project.session->prepare(*plan, {}, {});
    for (std::size_t i = 0; i < network->outputs.size(); ++i) {
        if (network->outputs[i].kind == "logits") {
            const kernels::ErrorSums& sums = result->sums[i];
            EXPECT_GE(10.0 * std::log10(sums.totalSquaredReference() / sums.totalSquaredError()),
                      e.leastLogitSqnr);
        }
    }
}

TEST_P(Classifier, RunsEveryConvolutionInInt8OnAFastKernel)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const auto report = models::open(model, data, 1).session->run(models::planWith({}), {}, {});
    for (const auto& layer : report->layers) {
        if (layer->type == "Conv") {
            EXPECT_EQ(layer->effective, core::kInt8) << layer->name;
            EXPECT_EQ(layer->implementation.find("ref"), std::string::npos)
                << layer->name << ": " << layer->implementation;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Classifier,
    testing::Values(
        Expectation{"resnet20_simplified", "cifar10_resnet/cifar10_resnet20_simplified.onnx",
                    "cifar10_resnet20_simplified.data.json", 81.35, -0.7, 0.7, 97.0, 25.0},
        Expectation{"resnet20", "cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json", 81.35,
                    -0.7, 0.7, 97.0, 25.0},
        Expectation{"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json",
                    83.8, -0.7, 0.7, 97.0, 25.0},
        Expectation{"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json", 76.4, -2.0, 2.0,
                    90.0, 0.0},
        Expectation{"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx",
                    "resnet8_large.data.json", 80.75, -2.0, 2.0, 90.0, 0.0},
        Expectation{"mnist_cntk", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json", 98.4, -1.0, 1.0, 95.0,
                    0.0},
        Expectation{"kws_dscnn", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json", 90.1,
                    -1.2, 1.2, 90.0, 0.0},
        Expectation{"squeezenet", "squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json", 61.0,
                    -2.5, 2.5, 93.0, 0.0},
        Expectation{"mobilenet_v1", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                    "mobilenet_v1_0.25_224.data.json", 59.7, 3.0, 8.0, 0.0, 0.0},
        Expectation{"mobilenet_v1_keras", "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                    "mobilenet_v1_0.25_128_keras.data.json", 47.3, 3.0, 8.0, 0.0, 0.0},
        Expectation{"mobilenet_v2", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                    "mobilenet_v2_1.0_224.data.json", 86.3, -2.5, 2.5, 93.0, 0.0}),
    [](const auto& model) { return std::string(model.param.name); });

struct CollapsingModel
{
    const char* name;
    const char* model;
    const char* data;
};

void PrintTo(const CollapsingModel& m, std::ostream* out) { *out << m.name; }

class Collapsing : public testing::TestWithParam<CollapsingModel>
{
};

using Layers = std::vector<std::shared_ptr<const core::LayerReport>>;

/// Among the first `most` of the network's depthwise convolutions, in order.
bool isEarlyDepthwise(const core::OperatorGraph& graph, core::OperatorId id, int most)
{
    int seen = 0;
    for (std::size_t i = 0; i < graph.operators.size() && seen < most; ++i) {
        if (graph.operators[i].type == "Conv" && graph.operators[i].node.integer("group", 1) > 1) {
            ++seen;
            if (core::OperatorId(i) == id) {
                return true;
            }
        }
    }
    return false;
}

TEST_P(Collapsing, PerTensorWeightsRuinItAndAnEarlyDepthwiseConvolutionIsToBlame)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, models::isLong() ? 0 : 60);
    const auto plan = models::planWith({"weight.granularity=per-tensor"});
    const auto report = project.session->addSensitivity(project.session->run(plan, {}, {}), 4, {}, {});
    EXPECT_LT(report->accuracy->quantized.top1, 10.0);

    const auto graph = project.session->operators(*plan);
    Layers layers;
    std::ranges::copy_if(report->layers, std::back_inserter(layers),
                         [](const auto& l) { return l->isolated && l->atOutput; });
    std::ranges::sort(layers, std::greater<>{},
                      [](const auto& l) { return l->isolated->relativeL2.value_or(0.0); });
    EXPECT_TRUE(isEarlyDepthwise(*graph, layers[0]->id, 5) || isEarlyDepthwise(*graph, layers[1]->id, 5))
        << layers[0]->name << ", " << layers[1]->name;
    std::ranges::sort(layers, std::greater<>{},
                      [](const auto& l) { return l->atOutput->relativeL2.value_or(0.0); });
    EXPECT_TRUE(isEarlyDepthwise(*graph, layers[0]->id, 5)) << layers[0]->name;
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Collapsing,
    testing::Values(CollapsingModel{"mobilenet_v1",
                                    "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                                    "mobilenet_v1_0.25_224.data.json"},
                    CollapsingModel{"mobilenet_v1_keras",
                                    "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                                    "mobilenet_v1_0.25_128_keras.data.json"},
                    CollapsingModel{"mobilenet_v2",
                                    "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                                    "mobilenet_v2_1.0_224.data.json"}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
