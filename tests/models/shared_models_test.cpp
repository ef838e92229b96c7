#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "io/onnx/onnx_reader.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace {

using namespace core;

struct SharedModel
{
    const char* file;
    std::vector<Shape> shapes; ///< of the inputs, where the model leaves dimensions open
};

void PrintTo(const SharedModel& model, std::ostream* out) { *out << model.file; }

const SharedModel kModels[] = {
    {"cifar10_resnet/cifar10_resnet20.onnx", {{1, 3, 32, 32}}},
    {"cifar10_resnet/cifar10_resnet20_simplified.onnx", {{1, 3, 32, 32}}},
    {"cifar10_resnet/cifar10_resnet32_bn.onnx", {{1, 3, 32, 32}}},
    {"mlcommons_tiny/ad01_fp32.onnx", {{1, 640}}},
    {"mlcommons_tiny/kws_ref_model_float32.onnx", {{1, 1, 49, 10}}},
    {"mlcommons_tiny/pretrainedResnet.onnx", {{1, 3, 32, 32}}},
    {"mlcommons_tiny/pretrainedResnet_large_float.onnx", {{1, 3, 32, 32}}},
    {"mlcommons_tiny/vww_96_float.onnx", {{1, 3, 96, 96}}},
    {"mnist_cntk/mnist.onnx", {{1, 1, 28, 28}}},
    {"mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx", {{1, 3, 128, 128}}},
    {"mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx", {{1, 3, 224, 224}}},
    {"mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx", {{1, 3, 224, 224}}},
    {"ppocr_v4/ch_PP-OCRv4_det_infer.onnx", {{1, 3, 640, 640}}},
    {"ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", {{1, 3, 48, 320}}},
    {"ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", {{1, 3, 48, 192}}},
    {"squeezenet1.1_winml/squeezenet_fp32.onnx", {{1, 3, 224, 224}}},
    {"ultraface/Ultraface.version-RFB-320.onnx", {{1, 3, 240, 320}}},
    {"ultraface/version-RFB-320_without_postprocessing.onnx", {{1, 3, 240, 320}}},
    {"ultraface/version-slim-320.onnx", {{1, 3, 240, 320}}},
};

class ImageModels : public testing::TestWithParam<SharedModel>
{
};

TEST_P(ImageModels, OpenAndBind)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(file, std::string("models/") + GetParam().file);
    const io::OnnxModel model = io::readOnnx(file);
    const auto bound = bindShapes(model.graph, GetParam().shapes);
    EXPECT_TRUE(hasStaticShapes(*bound));
    EXPECT_NO_THROW(refuseNonFiniteWeights(*bound));
    for (const Node& node : bound->nodes()) {
        EXPECT_NE(findOperator(node.domain, node.type), nullptr) << node.name;
    }
}

INSTANTIATE_TEST_SUITE_P(All, ImageModels, testing::ValuesIn(kModels), [](const auto& parameter) {
    std::string name;
    for (const char c : std::string(parameter.param.file)) {
        name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    }
    return name;
});

/// 16 kHz as the constant that resolves the model's conditions.
std::map<std::string, Tensor> sampleRate()
{
    return {{"sr", makeTensor<std::int64_t>({}, std::vector<std::int64_t>{16000})}};
}

TEST(SharedModels, VoiceActivityBindsWithAConstantSampleRate)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(file, "models/silero_vad/silero_vad_op18_ifless.onnx");
    const io::OnnxModel model = io::readOnnx(file);
    const auto bound = bindShapes(model.graph, {{1, 576}, {}, {2, 1, 128}}, sampleRate());
    EXPECT_TRUE(hasStaticShapes(*bound));
    EXPECT_TRUE(std::ranges::none_of(bound->nodes(), [](const Node& node) { return node.type == "If"; }));
    EXPECT_EQ(bound->value(bound->outputs()[0]).shape, (Shape{1, 1}));
    EXPECT_EQ(bound->value(bound->outputs()[1]).shape, (Shape{2, 1, 128}));
}

TEST(SharedModels, VoiceActivityOfOpset15Binds)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(file, "models/silero_vad/silero_vad_16k_op15.onnx");
    const io::OnnxModel model = io::readOnnx(file);
    const auto bound = bindShapes(model.graph, {{1, 576}, {2, 1, 128}, {}}, sampleRate());
    EXPECT_TRUE(hasStaticShapes(*bound));
}

TEST(SharedModels, VoiceActivityOfTheOldKindBinds)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(file, "models/silero_vad/silero_vad_legacy.onnx");
    const io::OnnxModel model = io::readOnnx(file);
    const auto bound = bindShapes(model.graph, {{1, 512}, {}, {2, 1, 64}, {2, 1, 64}}, sampleRate());
    EXPECT_TRUE(hasStaticShapes(*bound));
}

} // namespace
