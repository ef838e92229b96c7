#pragma once

#include "core/base/fingerprint.h"
#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/plan/plan.h"
#include "core/quantization/weight_quantization.h"
#include "kernels/emulated/emulated_convolution.h"

#include <string>

namespace core {

/// What a linear operator computes its codes with, after its wishes met what is possible.
struct LinearArithmetic
{
    kernels::AccumulatorForm accumulator = kernels::AccumulatorForm::Exact;
    kernels::PairOrder order = kernels::PairOrder::PerTap;
    int outlierBits = 8;
    int spillEvery = 256;
    int factorBits = 32;
    bool halvedWeights = false;
    kernels::RequantizationForm requantization = kernels::RequantizationForm::Float;
    bool emulated =
        false; ///< needs the emulated kernel: any of the above, groups, or codes of more than 8 bits
    double outlierShare = 0.0; ///< of weights, where sums are 16 bits wide
    std::string note; ///< why something is not as wished; empty where all is

    /// Whether sums can saturate, so that saturation is counted.
    [[nodiscard]] bool saturates() const { return accumulator != kernels::AccumulatorForm::Exact; }
    void addTo(FingerprintBuilder& key) const;
};

/// Of a linear operator with these params (dst and residual: null where float or absent) and that many pixels
/// or rows of the result, over the batch.
///
/// Accumulator s32 with target avx2 (or this-cpu without VNNI) is what oneDNN does there: saturating pairs,
/// along the channels of one tap in convolutions (so depthwise ones never saturate); weights of s8 sources
/// halved in convolutions. s32-pair-saturating and s16-outlier:N are FBGEMM's: pairs along im2col rows.
/// s16-outlier falls back to saturating pairs in convolutions for N = 0 and beyond the settings'
/// OutlierLimits.
/// Saturating sums need 8-bit codes without groups; fixed-point requantization a result of codes, no
/// residual, None, Relu or Clip behind, and (qnnpack) factors below 1; else note says what runs instead.
[[nodiscard]] LinearArithmetic linearArithmetic(const Operator& op, const OperatorSettings& settings,
                                                const QuantizationParams& src, const QuantizationParams* dst,
                                                const QuantizationParams* residual,
                                                const QuantizedWeights& weights, std::int64_t rows);

} // namespace core
