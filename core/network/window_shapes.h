#pragma once

#include "core/network/operator_graph.h"
#include "kernels/float/pooling.h"
#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/matmul_shape.h"

namespace core {

/// Sizes of a Conv or ConvTranspose operator (1-D to 3-D), explicit pads and every auto_pad alike.
[[nodiscard]] kernels::ConvolutionShape convolutionShapeOf(const OperatorGraph& graph, const Operator& op);

/// Sizes of MaxPool, AveragePool, GlobalMaxPool and GlobalAveragePool.
[[nodiscard]] kernels::PoolingShape poolingShapeOf(const OperatorGraph& graph, const Operator& op);

/// Sizes of a MatMul or Gemm operator with constant weights; all rows of src are one matrix.
[[nodiscard]] kernels::MatMulShape matMulShapeOf(const OperatorGraph& graph, const Operator& op);

} // namespace core
