#pragma once

#include "core/network/dead_channels.h"
#include "core/network/operator_graph.h"
#include "core/network/weight_layout.h"
#include "core/params/quantization_params.h"
#include "core/plan/plan.h"
#include "core/quantization/weight_error.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace core {

/// Weights of a linear operator (or the constant operand of Add, Sub, Mul) as codes.
struct QuantizedWeights
{
    QuantizationParams params;
    std::string method;
    std::string granularity;
    std::vector<Range> threshold; ///< one, or one per channel
    std::vector<std::int8_t>
        codes; ///< in the order of the float weights; empty where they need more than 8 bits
    std::vector<std::int16_t> wideCodes; ///< instead of codes, for 9 … 16 bits
    std::vector<std::int32_t> bias; ///< at scale s_x·s_w[c]; empty without a bias
    std::vector<float> channelScale; ///< one per output channel: s_w[c], the largest of its groups
    std::vector<std::int32_t> channelZeroPoint; ///< one per output channel, where there are no groups
    int channelsLimitedByBias = 0;
    WeightError error;
    DeadChannels dead; ///< whose weights (and, of results, bias) were taken as zero
    std::size_t matrixSize = 0; ///< elements of one matrix of a batch, where each has its scale; 0: none has
    bool isRoundedByMask = false; ///< by a rounding mask, not to nearest
    std::vector<float> biasShift; ///< real numbers added to the bias, inside `bias` already; empty: none

    [[nodiscard]] std::int32_t codeAt(std::size_t i) const
    {
        return wideCodes.empty() ? codes[i] : wideCodes[i];
    }
    [[nodiscard]] std::size_t codeCount() const { return codes.size() + wideCodes.size(); }
    /// What it takes in memory.
    [[nodiscard]] std::size_t byteCount() const
    {
        return sizeof(*this) + codes.size() + 2 * wideCodes.size() + 4 * bias.size() + 8 * channelScale.size()
            + 4 * biasShift.size() + 8 * params.scale.size() + sizeof(Range) * threshold.size();
    }
};

/// Codes of the weights of a linear operator, as weightParams() of its settings. By default s8 −127…127, zero
/// point 0, per channel:
///   s_c = max(threshold_c / 127, |b_c| / (2³⁰·s_x), 2⁻¹²⁶)
/// so that an all-zero channel neither divides by zero nor overflows its bias. Coarser granularities take the
/// maxima over the channels they cover, finer ones (group:N, along the source channels) the bias of their
/// channel. src: params of the operator's data input. dead: channels whose weights count as zero. With a
/// rounding mask codes are ⌊w / s⌋ or one more, as its bits say. Throws core::Error(Usage) for a mask of
/// another size.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeWeights(const Operator& op,
                                                                      const WeightSettings& settings,
                                                                      const QuantizationParams& src,
                                                                      const DeadChannels& dead = {});

/// Real value of weight i as its code says, by the operator's layout.
class DequantizedWeights
{
public:
    DequantizedWeights(const Operator& op, const QuantizedWeights& weights);
    [[nodiscard]] const WeightLayout& layout() const { return m_layout; }
    /// Scale and zero point of weight i.
    [[nodiscard]] std::pair<float, std::int32_t> paramsAt(std::size_t i) const
    {
        const QuantizationParams& params = m_weights.params;
        std::size_t slot = !params.isPerChannel() ? 0
            : m_weights.matrixSize > 0            ? i / m_weights.matrixSize
                                                  : m_layout.channelOf(i);
        if (params.group > 0) {
            const auto size = static_cast<std::size_t>(params.group);
            slot = m_layout.channelOf(i) * ((m_layout.sources() + size - 1) / size)
                + m_layout.sourceOf(i) / size;
        }
        return {params.scale[slot], params.zeroPoint[slot]};
    }
    [[nodiscard]] double at(std::size_t i) const
    {
        const auto [scale, zeroPoint] = paramsAt(i);
        return static_cast<double>(scale) * (m_weights.codeAt(i) - zeroPoint);
    }

private:
    const QuantizedWeights& m_weights;
    WeightLayout m_layout;
};

/// The float weights, zero where a channel is dead.
[[nodiscard]] std::vector<float> livingWeights(const Operator& op, const DeadChannels& dead);

/// The float bias of an operator, one per result channel; empty without one.
[[nodiscard]] std::vector<float> floatBiasOf(const Operator& op);

/// The same codes with real numbers added to the bias, one per result channel.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> withBiasShift(const QuantizedWeights& weights,
                                                                    const Operator& op,
                                                                    const QuantizationParams& src,
                                                                    std::vector<float> shift);

/// The matrices that a MatMul reads one per item of its batch: one scale each, as DNNLOWP's Int8BatchMatMul
/// with constant B, or one for all where the granularity is per tensor. The params name the axis of the
/// batch; of several such axes the first, and the scales are those of all matrices in their order.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeMatrices(const Tensor& matrices,
                                                                       const WeightSettings& settings);

/// The constant operand of Add, Sub or Mul: per tensor.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand,
                                                                      const WeightSettings& settings);

} // namespace core
