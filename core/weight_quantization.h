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
    std::vector<std::int8_t> codes;       ///< in the order of the float weights; empty where they need more than 8 bits
    std::vector<std::int16_t> wideCodes;  ///< instead of codes, for 9 … 16 bits
    std::vector<std::int32_t> bias;       ///< at scale s_x·s_w[c]; empty without a bias
    std::vector<float> channelScale;      ///< one per output channel: s_w[c], the largest of its groups
    std::vector<std::int32_t> channelZeroPoint; ///< one per output channel, where there are no groups
    int channelsLimitedByBias = 0;
    WeightError error;

    [[nodiscard]] std::int32_t codeAt(std::size_t i) const { return wideCodes.empty() ? codes[i] : wideCodes[i]; }
    [[nodiscard]] std::size_t codeCount() const { return codes.size() + wideCodes.size(); }
};

/// Codes of the weights of a linear operator, as weightParams() of its settings. By default s8 −127…127, zero point 0,
/// per channel:
///   s_c = max(threshold_c / 127, |b_c| / (2³⁰·s_x), 2⁻¹²⁶)
/// so that an all-zero channel neither divides by zero nor overflows its bias. Coarser granularities take the maxima over
/// the channels they cover, finer ones (group:N, along the source channels) the bias of their channel. src: params of the
/// operator's data input.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeWeights(const Operator& op, const WeightSettings& settings,
                                                                      const QuantizationParams& src);

/// The constant operand of Add, Sub or Mul: per tensor.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand, const WeightSettings& settings);

} // namespace core
