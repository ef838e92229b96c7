#include "core/quantization/linear_arithmetic.h"

#include "core/graph/operator_traits.h"
#include "kernels/emulated/fixed_point_sum.h"
#include "kernels/shape/isa.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

using kernels::AccumulatorForm;
using kernels::PairOrder;
using kernels::RequantizationForm;

bool isWide(const QuantizationParams* params) { return params && sizeOf(params->type) > 1; }

bool isDepthwise(const Operator& op)
{
    return isConvolution(op.type) && op.node.integer("group", 1) > 1 && op.constants[1]->shape()[1] == 1;
}

void addNote(LinearArithmetic& result, std::string note)
{
    result.note += (result.note.empty() ? "" : "; ") + std::move(note);
}

/// Share of weights of more than `bits` bits (0: all).
double outlierShareOf(const QuantizedWeights& weights, int bits)
{
    const std::int32_t limit = bits == 0 ? 0 : 1 << (bits - 1);
    std::size_t outliers = 0;
    for (std::size_t i = 0; i < weights.codeCount(); ++i) {
        const std::int32_t w = weights.codeAt(i);
        outliers += w < -limit || w >= limit ? 1 : 0;
    }
    return static_cast<double>(outliers) / static_cast<double>(std::max<std::size_t>(weights.codeCount(), 1));
}

/// Why a convolution is none for 16-bit sums by DNNLOWP's thresholds; empty: it is one.
std::string obstacleToAcc16(const Operator& op, const OutlierLimits& limits, int bits, double share,
                            std::int64_t rows, const QuantizedWeights& weights)
{
    if (bits == 0 || share > limits.density) {
        return fmt::format("{:.1f} % of the weights have more than {} bits", 100.0 * share, bits);
    }
    if (rows < limits.rows) {
        return fmt::format("{} pixels, fewer than {}", rows, limits.rows);
    }
    const auto all = static_cast<std::int64_t>(weights.channelScale.size());
    const std::int64_t channels = all / op.node.integer("group", 1);
    const std::int64_t products = static_cast<std::int64_t>(weights.codeCount()) / all;
    if (channels < limits.columns) {
        return fmt::format("{} channels in a group, fewer than {}", channels, limits.columns);
    }
    return products < limits.products
        ? fmt::format("{} products in a sum, fewer than {}", products, limits.products)
        : std::string();
}

void chooseAccumulator(LinearArithmetic& result, const Operator& op, const OperatorSettings& settings,
                       const QuantizationParams& src, const QuantizedWeights& weights, std::int64_t rows)
{
    const Accumulator wish = settings.accumulator.value_or(Accumulator{});
    const Target target = settings.target.value_or(Target::Ideal);
    const bool byTarget = wish.kind == Accumulator::Kind::S32
        && (target == Target::Avx2 || (target == Target::ThisCpu && !kernels::hasExactInt8()));
    if (wish.kind == Accumulator::Kind::S32 && !byTarget) {
        return;
    }
    if (isWide(&src) || weights.params.bits > 8 || weights.params.group > 0) {
        addNote(result, "saturating sums take 8-bit codes without groups: exact sums instead");
        return;
    }
    if (byTarget) {
        if (isDepthwise(op) && src.type != DataType::Int8) {
            return; // single products fit
        }
        result.accumulator = AccumulatorForm::PairSaturating;
        result.order = isConvolution(op.type) ? PairOrder::PerTap : PairOrder::Contiguous;
        result.halvedWeights = isConvolution(op.type) && src.type == DataType::Int8;
        return;
    }
    result.order = PairOrder::Contiguous;
    result.accumulator = AccumulatorForm::PairSaturating;
    if (wish.kind == Accumulator::Kind::PairSaturating) {
        return;
    }
    const double share = outlierShareOf(weights, wish.bits);
    const std::string tooMuch = isConvolution(op.type)
        ? obstacleToAcc16(op, settings.outlierLimits.value_or(OutlierLimits{}), wish.bits, share, rows,
                          weights)
        : std::string();
    if (!tooMuch.empty()) {
        addNote(result, tooMuch + ": 32-bit sums of saturating pairs instead");
        return;
    }
    result.spillEvery = settings.spillEvery.value_or(result.spillEvery);
    result.accumulator = AccumulatorForm::Acc16;
    result.outlierBits = wish.bits;
    result.outlierShare = share;
}

/// Why factors have no integer form; empty when they have.
std::string obstacleOfFactors(Requantization wish, const QuantizationParams& src,
                              const QuantizationParams& dst, const QuantizationParams* residual,
                              const QuantizedWeights& weights)
{
    if (wish != Requantization::Qnnpack && wish != Requantization::Dnnlowp) {
        return {};
    }
    const double most = wish == Requantization::Qnnpack ? 1.0 : std::ldexp(1.0, 30);
    const double least = wish == Requantization::Qnnpack ? std::ldexp(1.0, -32) : std::ldexp(1.0, -31);
    for (const float scale : weights.channelScale) {
        const double real = static_cast<double>(src.scale[0]) * scale / dst.scale[0];
        const auto factor = static_cast<double>(static_cast<float>(real));
        const bool fits = residual
            ? kernels::hasCommonShift(real, static_cast<double>(residual->scale[0]) / dst.scale[0])
            : factor < most && factor >= least;
        if (!fits) {
            return fmt::format("a factor of {:.3g}, out of its range", real);
        }
    }
    return {};
}

void chooseRequantization(LinearArithmetic& result, const Operator& op, const OperatorSettings& settings,
                          const QuantizationParams& src, const QuantizationParams* dst,
                          const QuantizationParams* residual, const QuantizedWeights& weights)
{
    const Requantization wish = settings.requantization.value_or(Requantization::Float);
    const Rounding rounding = settings.rounding.value_or(Rounding::HalfEven);
    const bool reciprocal = wish == Requantization::Float && rounding != Rounding::HalfEven;
    if (wish == Requantization::Float && (!reciprocal || !dst)) {
        return; // without codes nothing is rounded
    }
    using Kind = kernels::Activation::Kind;
    const Kind kind = op.activation.kind;
    std::string obstacle;
    if (!dst) {
        obstacle = "a float result";
    } else if (kind != Kind::None && kind != Kind::Relu && kind != Kind::Clip) {
        obstacle = "its activation";
    } else if (weights.params.group > 0) {
        obstacle = "groups of weights";
    } else if (isWide(&src) || isWide(residual) || weights.params.bits > 8) {
        obstacle = "more than 8 bits";
    } else {
        obstacle = obstacleOfFactors(wish, src, *dst, residual, weights);
    }
    if (!obstacle.empty()) {
        addNote(result,
                reciprocal ? fmt::format("rounding {} has no form with {}: a division, half to even instead",
                                         toString(rounding), obstacle)
                           : fmt::format("requantization {} has no form with {}: float instead",
                                         toString(wish), obstacle));
        return;
    }
    switch (wish) {
    case Requantization::Float:
        result.requantization = RequantizationForm::Reciprocal;
        break;
    case Requantization::Gemmlowp:
        result.requantization = RequantizationForm::Gemmlowp;
        break;
    case Requantization::Qnnpack:
        result.requantization = RequantizationForm::Qnnpack;
        break;
    case Requantization::Dnnlowp:
        result.requantization = RequantizationForm::Dnnlowp;
        result.factorBits = settings.factorBits.value_or(result.factorBits);
        if (residual && result.factorBits != 32) {
            addNote(result, "with a residual the multiplier has 32 bits");
            result.factorBits = 32;
        }
        break;
    }
}

} // namespace

void LinearArithmetic::addTo(FingerprintBuilder& key) const
{
    key.add(accumulator).add(order).add(outlierBits).add(halvedWeights).add(requantization).add(emulated);
    key.add(spillEvery).add(factorBits);
}

LinearArithmetic linearArithmetic(const Operator& op, const OperatorSettings& settings,
                                  const QuantizationParams& src, const QuantizationParams* dst,
                                  const QuantizationParams* residual, const QuantizedWeights& weights,
                                  std::int64_t rows)
{
    LinearArithmetic result;
    chooseAccumulator(result, op, settings, src, weights, rows);
    chooseRequantization(result, op, settings, src, dst, residual, weights);
    result.emulated = result.saturates() || result.requantization != RequantizationForm::Float || isWide(&src)
        || isWide(dst) || isWide(residual) || weights.params.bits > 8 || weights.params.group > 0;
    return result;
}

} // namespace core
