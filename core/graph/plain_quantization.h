#pragma once

#include "core/graph/graph.h"

#include <span>
#include <string_view>

namespace core {

/// The graph with what other tools and runtimes call quantization written as ONNX does: QuantizeLinear,
/// DequantizeLinear, DynamicQuantizeLinear and MatMulInteger between float operators. Names of nodes, inputs
/// and outputs stay. Known:
/// - com.microsoft (ONNX Runtime's contributed operators): MatMulNBits, GatherBlockQuantized,
///   DynamicQuantizeMatMul, MatMulIntegerToFloat, QGemm of float results, QAttention;
/// - FakeQuantize of OpenVINO (NNCF), y = round((x − il) / (ih − il) · (levels − 1)) / (levels − 1) · (oh −
/// ol)
///   + ol of x clipped to [il, ih];
/// - ExtendedQuantizeLinear and ExtendedDequantizeLinear of AMD Quark, with integer zero points;
/// - Quant and BipolarQuant of QONNX and Brevitas, y = (clip(round(x / s + z)) − z) · s.
/// Throws core::Error(UnsupportedOperator) naming the node where its operands must be constant and are not.
[[nodiscard]] Graph withPlainQuantization(Graph graph);

/// Whether withPlainQuantization knows it.
[[nodiscard]] bool isForeignQuantization(std::string_view domain, std::string_view type);

} // namespace core
