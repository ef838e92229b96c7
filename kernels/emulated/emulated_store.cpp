// What the sums of an emulated convolution become: reals, or codes by a multiplier of the target.
#include "kernels/emulated/emulated_convolution.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace kernels {

void EmulatedConvolution::storeReal(double real, std::span<const std::byte> residual,
                                    std::span<std::byte> dst, std::size_t i) const
{
    auto value = static_cast<float>(real);
    if (m_spec.residual) {
        const auto code = codeAt(residual, m_spec.residual->type, i) - m_spec.residual->zeroPoint;
        value += m_spec.residual->scale * static_cast<float>(code);
    }
    value = apply(m_spec.activation, value);
    if (m_spec.dst.type == ElementType::F32) {
        std::memcpy(dst.data() + i * sizeof(float), &value, sizeof(float));
        return;
    }
    const float scaled = value / m_spec.dst.scale;
    storeCode(dst, m_spec.dst.type, i, codeOfScaled(static_cast<double>(scaled), m_spec.dst));
}

void EmulatedConvolution::storeFixedSum(std::int64_t sum, std::int64_t channel,
                                        std::span<const std::byte> residual, std::span<std::byte> dst,
                                        std::size_t i) const
{
    const auto acc = static_cast<std::int32_t>(std::clamp<std::int64_t>(
        sum, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    const auto c = static_cast<std::size_t>(channel);
    const std::int32_t difference = codeAt(residual, m_spec.residual->type, i) - m_spec.residual->zeroPoint;
    const std::int32_t zeroPoint = m_spec.dst.zeroPoint;
    std::int32_t code = 0;
    switch (m_spec.requantization) {
    case RequantizationForm::Gemmlowp:
        code = requantizeGemmlowpSum(acc, difference, m_sumFactors[c], zeroPoint, m_bounds);
        break;
    case RequantizationForm::Qnnpack:
        code = requantizeCommonShiftSum(acc, difference, m_sumFactors[c], zeroPoint, m_bounds,
                                        TieRule::AwayFromZero);
        break;
    case RequantizationForm::Dnnlowp:
        code = requantizeCommonShiftSum(acc, difference, m_sumFactors[c], zeroPoint, m_bounds, TieRule::Up);
        break;
    case RequantizationForm::Reciprocal:
    case RequantizationForm::Float: {
        const float scale = m_weightScale[m_weightScale.size() == 1 ? 0 : c];
        const float multiplier = m_spec.src.scale * scale / m_spec.dst.scale;
        const float addend = static_cast<float>(difference) * (m_spec.residual->scale / m_spec.dst.scale);
        const float scaled = static_cast<float>(acc) * multiplier + addend;
        code = static_cast<std::int32_t>(std::clamp(static_cast<double>(std::nearbyint(scaled)) + zeroPoint,
                                                    static_cast<double>(m_bounds.lowest),
                                                    static_cast<double>(m_bounds.highest)));
        break;
    }
    }
    storeCode(dst, m_spec.dst.type, i, code);
}

void EmulatedConvolution::storeFixed(std::int64_t sum, std::int64_t channel, std::span<std::byte> dst,
                                     std::size_t i) const
{
    const auto acc = static_cast<std::int32_t>(std::clamp<std::int64_t>(
        sum, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    const auto c = static_cast<std::size_t>(channel);
    const std::int32_t zeroPoint = m_spec.dst.zeroPoint;
    std::int32_t code = 0;
    switch (m_spec.requantization) {
    case RequantizationForm::Gemmlowp:
        code = requantizeGemmlowp(acc, m_factor[c], zeroPoint, m_bounds);
        break;
    case RequantizationForm::Qnnpack:
        code = requantizeQnnpack(acc, m_factor[c], zeroPoint, m_bounds);
        break;
    case RequantizationForm::Dnnlowp:
        code = requantizeDnnlowp(acc, m_factor[c], zeroPoint, m_bounds);
        break;
    case RequantizationForm::Reciprocal:
    case RequantizationForm::Float: {
        const float scale = m_weightScale[m_weightScale.size() == 1 ? 0 : c];
        const float multiplier = m_spec.src.scale * scale / m_spec.dst.scale;
        code = requantizeFloat(acc, multiplier, zeroPoint, m_bounds, RoundingOrder::RoundThenAddZeroPoint);
        break;
    }
    }
    storeCode(dst, m_spec.dst.type, i, code);
}

double EmulatedConvolution::realOf(std::int64_t sum, std::int64_t channel) const
{
    const float scale =
        m_spec.src.scale * m_weightScale[m_weightScale.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
    // Sums of 8-bit codes take the FP32 steps of IntegerEpilogue, so that both give equal codes.
    if (sizeOf(m_spec.src.type) == 1) {
        return static_cast<double>(static_cast<float>(sum) * scale);
    }
    return static_cast<double>(sum) * static_cast<double>(scale);
}

std::string EmulatedConvolution::implementation() const
{
    std::string name = m_spec.accumulator == AccumulatorForm::PairSaturating ? "own:s32-pair-saturating"
        : m_spec.accumulator == AccumulatorForm::Acc16                       ? "own:s16"
        : m_segmentEnd.size() > 1                                            ? "own:groups"
        : m_narrow                                                           ? "own:s32"
                                                                             : "own:s64";
    switch (m_spec.requantization) {
    case RequantizationForm::Float:
        break;
    case RequantizationForm::Reciprocal:
        name += "+reciprocal";
        break;
    case RequantizationForm::Gemmlowp:
        name += "+gemmlowp";
        break;
    case RequantizationForm::Qnnpack:
        name += "+qnnpack";
        break;
    case RequantizationForm::Dnnlowp:
        name += "+dnnlowp";
        break;
    }
    return m_spec.halvedWeights ? name + "+halved-weights" : name;
}

} // namespace kernels
