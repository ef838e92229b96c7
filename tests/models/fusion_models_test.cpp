#include "core/layer_metrics.h"
#include "core/pipeline.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <gtest/gtest.h>

namespace {

struct Model
{
    const char* name;
    const char* model;
    const char* data;
};

void PrintTo(const Model& m, std::ostream* out)
{
    *out << m.name;
}

class FusedModel : public testing::TestWithParam<Model>
{
};

TEST_P(FusedModel, ComputesInFp32WhatItsNodesComputeOneByOne)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 2);
    const auto fused = project.session->operators(*models::planWith({}));
    const auto plain = project.session->operators(*models::planWith({"fusion=off"}));
    ASSERT_LT(fused->operators.size(), plain->operators.size());
    ASSERT_EQ(plain->operators.size(), project.graph->nodes().size() + project.graph->inputs().size());
    const core::Pipeline fast(fused);
    const core::Pipeline slow(plain);
    std::vector<kernels::ErrorSums> sums(project.graph->outputs().size());
    const std::size_t samples = models::isLong() ? 20 : 2;
    for (std::size_t i = 0; i < samples; ++i) {
        const core::Sample sample = project.data.evaluation->load(i);
        const auto expected = slow.runFloat(sample);
        const auto got = fast.runFloat(sample);
        for (std::size_t k = 0; k < sums.size(); ++k) {
            const std::size_t value = core::indexOf(project.graph->outputs()[k]);
            sums[k].merge(core::compareTensors(expected[value], got[value], nullptr, 0));
        }
    }
    for (const kernels::ErrorSums& s : sums) {
        EXPECT_LE(std::sqrt(s.totalSquaredError() / s.totalSquaredReference()), 1e-5);
    }
}

INSTANTIATE_TEST_SUITE_P(Shared, FusedModel, testing::Values(
    Model {"resnet20_simplified", "cifar10_resnet/cifar10_resnet20_simplified.onnx", "cifar10_resnet20_simplified.data.json"},
    Model {"resnet20", "cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json"},
    Model {"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json"},
    Model {"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json"},
    Model {"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx", "resnet8_large.data.json"},
    Model {"mnist_cntk", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json"},
    Model {"kws_dscnn", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json"},
    Model {"squeezenet", "squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json"},
    Model {"mobilenet_v1", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx", "mobilenet_v1_0.25_224.data.json"},
    Model {"mobilenet_v1_keras", "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx", "mobilenet_v1_0.25_128_keras.data.json"},
    Model {"mobilenet_v2", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx", "mobilenet_v2_1.0_224.data.json"}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
