#include "core/plan/runtime.h"

#include "core/plan/refuse.h"

#include <algorithm>
#include <array>

namespace core {

namespace {

using enum FusedFunctions;

constexpr std::array<RuntimeDefinition, 8> kRuntimes{{
    {Runtime::OnnxRuntime, "onnxruntime", "ONNX Runtime", false, None, false,
     "A convolution's result is rounded before a residual Add, which rounds again"},
    {Runtime::TensorRt, "tensorrt", "TensorRT", true, None, false,
     "A residual sum is part of its convolution, rounded once"},
    {Runtime::OpenVino, "openvino", "OpenVINO", true, None, false,
     "A residual sum is part of its convolution, rounded once"},
    {Runtime::OneDnn, "onednn", "oneDNN", true, All, true,
     "Residual sums, Tanh, Exp, Sqrt, Abs, Elu and Gelu are part of the product before them, rounded once; a "
     "Relu of the Sum or BatchNormalization before it"},
    {Runtime::Mxnet, "mxnet", "MXNet with oneDNN", true, AsMxnet, true,
     "As oneDNN, but Exp, Sqrt and Abs behind matrix products only"},
    {Runtime::Tflite, "tflite", "TensorFlow Lite", false, None, false,
     "A convolution's result is rounded before a residual Add, which rounds again"},
    {Runtime::Ncnn, "ncnn", "ncnn", false, None, false,
     "A residual Add stands apart from the convolution before it"},
    {Runtime::Caffe2, "caffe2", "Caffe2 with DNNLOWP", false, None, true,
     "A residual Add stands apart; a Relu is part of the Sum or BatchNormalization before it"},
}};

} // namespace

std::span<const RuntimeDefinition> runtimes() { return kRuntimes; }

const RuntimeDefinition& definitionOf(Runtime runtime)
{
    return *std::ranges::find(kRuntimes, runtime, &RuntimeDefinition::runtime);
}

std::string toString(Runtime runtime) { return std::string(definitionOf(runtime).name); }

Runtime parseRuntime(std::string_view text)
{
    const auto found = std::ranges::find(kRuntimes, text, &RuntimeDefinition::name);
    if (found != kRuntimes.end()) {
        return found->runtime;
    }
    std::string accepted;
    for (const RuntimeDefinition& definition : kRuntimes) {
        accepted += (accepted.empty() ? "" : ", ") + std::string(definition.name);
    }
    refuse("runtime", text, accepted);
}

} // namespace core
