#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace core {

/// What a plan is meant to be deployed on. What that runtime fuses follows from it, so that what is reported
/// is what the export runs.
enum class Runtime : std::uint8_t
{
    OnnxRuntime,
    TensorRt,
    OpenVino,
    OneDnn,
    Mxnet,
    Tflite,
    Ncnn,
    Caffe2,
};

/// Which of Tanh, Exp, Sqrt, Abs, Elu and Gelu become part of the product before them, rounded once.
enum class FusedFunctions : std::uint8_t
{
    None,
    AsMxnet, ///< behind a matrix product all, behind a convolution Tanh, Elu and Gelu
    All,
};

struct RuntimeDefinition
{
    Runtime runtime;
    std::string_view name; ///< as a plan writes it
    std::string_view title; ///< for people
    bool fusesSums; ///< whether a residual Add becomes part of the convolution before it, rounded once
    FusedFunctions functions;
    bool fusesRelu; ///< whether a Relu becomes part of a Sum or a BatchNormalization before it
    std::string_view help; ///< one line
};

/// The default first.
[[nodiscard]] std::span<const RuntimeDefinition> runtimes();
[[nodiscard]] const RuntimeDefinition& definitionOf(Runtime runtime);
[[nodiscard]] std::string toString(Runtime runtime);
/// Throws core::Error(Usage) listing what is accepted.
[[nodiscard]] Runtime parseRuntime(std::string_view text);

} // namespace core
