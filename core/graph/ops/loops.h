#pragma once

#include <string_view>

namespace core::ops {

/// Attribute of a Loop or Scan: how many of its inputs the node names itself; those behind them its body
/// captures. No ONNX attribute: readers set it, writers leave it out.
inline constexpr std::string_view kExplicitInputs = "explicit_inputs";

} // namespace core::ops
