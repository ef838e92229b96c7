#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "io/onnx/onnx_reader.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace {

using namespace core;

/// Seeded random data between −1 and 1.
Tensor randomTensor(Shape shape)
{
    std::mt19937 generator(7);
    std::uniform_real_distribution<float> distribution(-1.0f, 1.0f);
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    std::ranges::generate(values, [&] { return distribution(generator); });
    return makeTensor<float>(std::move(shape), values);
}

Tensor sampleRate() { return makeTensor<std::int64_t>({}, std::vector<std::int64_t>{16000}); }

/// The reference evaluation against ONNX Runtime with its optimizations off; the model bound with
/// `constants`.
void expectSameOutputs(const std::string& file, const std::vector<Tensor>& inputs,
                       const std::map<std::string, Tensor>& constants = {})
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(path, "models/" + file);
    const io::OnnxModel model = io::readOnnx(path);
    std::vector<Shape> shapes;
    std::vector<Tensor> open;
    io::NamedTensors named;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string& name = model.graph.value(model.graph.inputs()[i]).name;
        shapes.push_back(inputs[i].shape());
        named[name] = inputs[i];
        if (!constants.contains(name)) {
            open.push_back(inputs[i]);
        }
    }
    const auto bound = bindShapes(model.graph, shapes, constants);
    const auto ours = evaluateReference(*bound, open);
    const auto theirs = runtime.run(path, {named}, {.optimization = "disabled"}).at(0);
    for (std::size_t k = 0; k < ours.size(); ++k) {
        const Tensor& peer = theirs.at(bound->value(bound->outputs()[k]).name);
        ASSERT_EQ(ours[k].shape(), peer.shape());
        const auto y = doublesOf(ours[k]);
        const auto z = doublesOf(peer);
        const auto [low, high] = std::ranges::minmax(z);
        double worst = 0.0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            worst = std::max(worst, std::abs(y[i] - z[i]));
        }
        // An output of one element has no range of its own, and text probabilities of noise are near zero
        // everywhere, where ONNX Runtime's sigmoid is off by 1e-7.
        const double range = z.size() == 1 ? std::abs(high) : high - low;
        EXPECT_LE(worst, std::max(1e-4 * range, 1e-6)) << file << " output " << k;
    }
}

TEST(ReferenceAgainstOnnxRuntime, TextModels)
{
    expectSameOutputs("ppocr_v4/ch_PP-OCRv4_det_infer.onnx", {randomTensor({1, 3, 96, 128})});
    expectSameOutputs("ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", {randomTensor({1, 3, 48, 160})});
    expectSameOutputs("ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", {randomTensor({1, 3, 48, 192})});
}

TEST(ReferenceAgainstOnnxRuntime, FaceDetectors)
{
    expectSameOutputs("ultraface/Ultraface.version-RFB-320.onnx", {randomTensor({1, 3, 240, 320})});
    expectSameOutputs("ultraface/version-RFB-320_without_postprocessing.onnx",
                      {randomTensor({1, 3, 240, 320})});
    expectSameOutputs("ultraface/version-slim-320.onnx", {randomTensor({1, 3, 240, 320})});
}

TEST(ReferenceAgainstOnnxRuntime, VoiceModels)
{
    expectSameOutputs("silero_vad/silero_vad_op18_ifless.onnx",
                      {randomTensor({1, 576}), sampleRate(), randomTensor({2, 1, 128})},
                      {{"sr", sampleRate()}});
    expectSameOutputs("silero_vad/silero_vad_16k_op15.onnx",
                      {randomTensor({1, 576}), randomTensor({2, 1, 128}), sampleRate()},
                      {{"sr", sampleRate()}});
    expectSameOutputs(
        "silero_vad/silero_vad_legacy.onnx",
        {randomTensor({1, 512}), sampleRate(), randomTensor({2, 1, 64}), randomTensor({2, 1, 64})},
        {{"sr", sampleRate()}});
}

TEST(ReferenceAgainstOnnxRuntime, Classifiers)
{
    expectSameOutputs("cifar10_resnet/cifar10_resnet32_bn.onnx", {randomTensor({1, 3, 32, 32})});
    expectSameOutputs("mlcommons_tiny/kws_ref_model_float32.onnx", {randomTensor({1, 1, 49, 10})});
    expectSameOutputs("mlcommons_tiny/ad01_fp32.onnx", {randomTensor({1, 640})});
    expectSameOutputs("mlcommons_tiny/vww_96_float.onnx", {randomTensor({1, 3, 96, 96})});
    expectSameOutputs("mnist_cntk/mnist.onnx", {randomTensor({1, 1, 28, 28})});
    expectSameOutputs("mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                      {randomTensor({1, 3, 128, 128})});
    expectSameOutputs("squeezenet1.1_winml/squeezenet_fp32.onnx", {randomTensor({1, 3, 224, 224})});
}

} // namespace
