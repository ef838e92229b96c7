#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/weight_quantization.h"
#include "core/statistics/statistics.h"

#include <optional>
#include <vector>

namespace core {

/// Share of the result's positions at which each tap of a convolution's kernel meets the source rather than
/// padding, row-major over the kernel. A transposed one: at which it contributes.
[[nodiscard]] std::vector<double> tapShares(const OperatorGraph& graph, const Operator& convolution);

/// Mean error that quantized weights make before the activation, by result channel (Nagel et al. 2019,
/// section 4.2):
///   Σ_k (W_q − W)·E[x_k],
/// with the means of the FP32 source over the calibration data, taps weighted with how often they meet it.
/// None where the statistics hold no means by channel (matrix products of rank 3 and more).
[[nodiscard]] std::optional<std::vector<float>> expectedWeightError(const OperatorGraph& graph,
                                                                    const Operator& op,
                                                                    const QuantizedWeights& weights,
                                                                    const TensorStatistics& source);

} // namespace core
