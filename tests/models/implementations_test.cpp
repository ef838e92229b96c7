#include "core/calibration_pass.h"
#include "core/pipeline.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

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

class Implementations : public testing::TestWithParam<Model>
{
};

/// oneDNN's plain loops, or our own where neither oneDNN nor a vectorized kernel of ours has the operator.
bool isSlow(const std::string& implementation)
{
    return implementation.find("ref") != std::string::npos || implementation.find("own:plain") != std::string::npos;
}

TEST_P(Implementations, OfConvolutionsAndProductsAreFastInBothPipelines)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 1);
    const auto plan = models::planWith({});
    const auto graph = project.session->operators(*plan);
    core::Pipeline pipeline(graph);
    const auto statistics = core::collectStatistics(pipeline, *project.data.evaluation, 1, 1, {}, {});
    core::WeightCache weights;
    const auto resolved = core::resolvePlan(*graph, *plan, *statistics, weights);
    int convolutions = 0;
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const core::Operator& op = graph->operators[i];
        if (op.type != "Conv" && op.type != "ConvTranspose" && op.type != "Gemm") {
            continue;
        }
        ++convolutions;
        const auto id = core::OperatorId(i);
        EXPECT_FALSE(isSlow(pipeline.floatForm(id).implementation))
            << op.name << ": " << pipeline.floatForm(id).implementation;
        const auto form = pipeline.quantizedForm(id, resolved);
        EXPECT_FALSE(isSlow(form->implementation)) << op.name << ": " << form->implementation;
        EXPECT_NE(resolved.operators[i].kind, core::QuantizedKind::None)
            << op.name << ": " << resolved.operators[i].reason;
    }
    EXPECT_GT(convolutions, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Implementations,
    testing::Values(
        Model{"squeezenet", "squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json"},
        Model{"mobilenet_v1", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
              "mobilenet_v1_0.25_224.data.json"},
        Model{"mobilenet_v1_keras", "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
              "mobilenet_v1_0.25_128_keras.data.json"},
        Model{"mobilenet_v2", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
              "mobilenet_v2_1.0_224.data.json"},
        Model{"resnet20", "cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json"},
        Model{"resnet20_simplified", "cifar10_resnet/cifar10_resnet20_simplified.onnx",
              "cifar10_resnet20_simplified.data.json"},
        Model{"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json"},
        Model{"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json"},
        Model{"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx", "resnet8_large.data.json"},
        Model{"mnist_cntk", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json"},
        Model{"kws_dscnn", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json"},
        Model{"vww", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json"},
        Model{"ppocr_det", "ppocr_v4/ch_PP-OCRv4_det_infer.onnx", "ppocr_det.data.json"},
        Model{"ppocr_rec", "ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", "ppocr_rec.data.json"},
        Model{"ppocr_cls", "ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ppocr_cls.data.json"},
        Model{"ultraface_rfb", "ultraface/Ultraface.version-RFB-320.onnx", "ultraface_rfb320.data.json"},
        Model{"ultraface_slim", "ultraface/version-slim-320.onnx", "ultraface_slim320.data.json"}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
