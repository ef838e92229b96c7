#include "core/plan/runtime.h"

#include "core/plan/refuse.h"

#include <algorithm>
#include <array>

namespace core {

namespace {

constexpr std::array<RuntimeDefinition, 7> kRuntimes{{
    {Runtime::OnnxRuntime, "onnxruntime", "ONNX Runtime", false,
     "A convolution's result is rounded before a residual Add, which rounds again"},
    {Runtime::TensorRt, "tensorrt", "TensorRT", true,
     "A residual sum is part of its convolution, rounded once"},
    {Runtime::OpenVino, "openvino", "OpenVINO", true,
     "A residual sum is part of its convolution, rounded once"},
    {Runtime::OneDnn, "onednn", "oneDNN", true, "A residual sum is part of its convolution, rounded once"},
    {Runtime::Mxnet, "mxnet", "MXNet with oneDNN", true,
     "A residual sum is part of its convolution, rounded once"},
    {Runtime::Tflite, "tflite", "TensorFlow Lite", false,
     "A convolution's result is rounded before a residual Add, which rounds again"},
    {Runtime::Ncnn, "ncnn", "ncnn", false, "A residual Add stands apart from the convolution before it"},
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
