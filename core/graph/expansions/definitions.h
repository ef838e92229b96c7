#pragma once

#include "core/graph/expansion.h"

#include <span>

namespace core::expansions {

inline constexpr std::string_view kMicrosoft = "com.microsoft";

// The fused operators of each file of this folder; core/graph/expansion.cpp puts them together. What they
// compute: ONNX's operator schemas (opset 24) and ONNX Runtime's contributed operators
// (docs/ContribOperators.md).
[[nodiscard]] std::span<const ExpansionDefinition> normalizations();
[[nodiscard]] std::span<const ExpansionDefinition> activations();
[[nodiscard]] std::span<const ExpansionDefinition> products();
[[nodiscard]] std::span<const ExpansionDefinition> rotaryEmbeddings();
[[nodiscard]] std::span<const ExpansionDefinition> attentions();
[[nodiscard]] std::span<const ExpansionDefinition> onnxAttentions();

} // namespace core::expansions
