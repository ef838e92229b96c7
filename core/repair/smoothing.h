#pragma once

#include "core/network/operator_graph.h"
#include "core/statistics/statistics.h"

#include <vector>

namespace core {

/// Scales that move a share of the range of an operator's source channels into its weights (SmoothQuant, Xiao
/// et al. 2023; for Equalization::scale, what each source channel is divided by):
///   s_j = max|x_j|^α / max|w_j|^(1 − α), 1 where either is 0.
/// α = 0.5 is DNNLOWP's equalization scale, S_j = sqrt(max|W_j| / max|X_j|) = 1 / s_j. Empty where the
/// statistics hold no ranges of the source channels.
[[nodiscard]] std::vector<float> smoothingScales(const OperatorGraph& graph, const Operator& op,
                                                 const TensorStatistics& source, double alpha);

} // namespace core
