#pragma once

#include "core/network/operator_graph.h"

namespace core {

/// Whether the bias of a linear operator (its third input) is one number for all or one per output channel.
/// ONNX lets the C of a Gemm broadcast to [M, N]; of those only a scalar, [1], [1, 1], [N] and [1, N] are a
/// bias, whatever M is. True where there is none; false where it is computed at run time or not float.
[[nodiscard]] bool hasPlainBias(const Operator& op);

/// alpha of a Gemm becomes part of its weights and beta part of its bias where those are constant floats, so
/// that everything behind (kernels, integer forms, exports) sees factors of 1. Weights and bias that a
/// quantized model wrote as codes stay as written, with their factor.
void foldGemmFactors(const Graph& graph, const WrittenQuantization* written, Operator& op);

/// Why a Gemm has no integer form; empty where it has one.
[[nodiscard]] std::string gemmObstacle(const Operator& op);

} // namespace core
