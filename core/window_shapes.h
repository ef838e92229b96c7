#pragma once

#include "core/operator_graph.h"
#include "kernels/convolution_shape.h"
#include "kernels/pooling.h"

namespace core {

/// Sizes of a Conv or ConvTranspose operator (1-D to 3-D), explicit pads and every auto_pad alike.
[[nodiscard]] kernels::ConvolutionShape convolutionShapeOf(const OperatorGraph& graph, const Operator& op);

/// Sizes of MaxPool, AveragePool, GlobalMaxPool and GlobalAveragePool.
[[nodiscard]] kernels::PoolingShape poolingShapeOf(const OperatorGraph& graph, const Operator& op);

} // namespace core
