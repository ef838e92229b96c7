#pragma once

#include "core/network/operator_graph.h"

namespace core {

/// Cross-layer equalization (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias
/// Correction", section 4.1). Between two linear operators p → c, with nothing but positively homogeneous
/// functions of one channel between them (Relu, LeakyRelu, Clip from 0 up, pooling) and no other reader,
/// channel k may be divided by any s_k > 0:
///   W_p[k] / s_k, b_p[k] / s_k, bound_k / s_k (a bound of Clip becomes one per channel), W_c[·,k] · s_k.
/// s_k = sqrt(p_k / max|W_c[·,k]|) makes the two sides alike, repeated over all pairs until no s_k moves by
/// more than 0.1 %. In the paper p_k = max|W_p[k]|. Here a channel's reach counts as well, because per-tensor
/// activations share one scale, too: with h_k = min(bound, |b_k| + 6·‖W_p[k]‖),
///   p_k = max(max|W_p[k]|, h_k · median(max|W_p|) / median(h)).
/// Without it an almost constant channel (tiny weights and a bias) would be blown up until it set the range
/// of all activations: in a MobileNet v1, 6.6e-12 against 0.84 made s_k = 1.7e-4 and widened 0 … 6 to 0 …
/// 1500. Channels without weights on one side keep s_k = 1. Works on folded constants; shapes play no part.
///
/// Rewrites constants, activations and upperBounds, and fills OperatorGraph::equalized. Throws
/// core::Error(Usage) where given scales do not fit, or nothing can take them.
void equalizeWeights(OperatorGraph& graph, const EqualizationWishes& wishes);

/// A graph with the constants and bounds that `other`, the same network at other shapes, got from
/// equalizeWeights(): one plan holds for both, to the last bit.
[[nodiscard]] OperatorGraph withEqualizationOf(OperatorGraph graph, const OperatorGraph& other);

/// What stands between an operator and equalization with the writer of its source; empty: nothing.
[[nodiscard]] std::string obstacleToEqualization(const OperatorGraph& graph, const Operator& consumer);

} // namespace core
