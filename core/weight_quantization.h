#pragma once

#include "core/operator_graph.h"
#include "core/plan.h"
#include "core/quantization_params.h"
#include "core/report.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace core {

/// Weights of a linear operator (or the constant operand of Add, Sub, Mul) as codes.
struct QuantizedWeights
{
    QuantizationParams params;
    std::string method;
    std::string granularity;
    std::vector<Range> threshold;         ///< one, or one per channel
    std::vector<std::int8_t> codes;       ///< in the order of the float weights
    std::vector<std::int32_t> bias;       ///< at scale s_x·s_w[c]; empty without a bias
    int channelsLimitedByBias = 0;
    WeightError error;
};

/// s8 codes −127…127, zero point 0. Per channel:
///   s_c = max(threshold_c / 127, |b_c| / (2³⁰·s_x), 2⁻¹²⁶)
/// so that an all-zero channel neither divides by zero nor overflows its bias. Per tensor: the same with maxima over
/// all channels. Minimal scale 2⁻¹²⁶. src: params of the operator's data input.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeWeights(const Operator& op, const WeightSettings& settings,
                                                                      const QuantizationParams& src);

/// The constant operand of Add, Sub or Mul: s8 per tensor, min-max.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand, const WeightSettings& settings);

} // namespace core
