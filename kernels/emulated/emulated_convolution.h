#pragma once

#include "kernels/emulated/fixed_point.h"
#include "kernels/emulated/fixed_point_sum.h"
#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kernels {

/// How products are summed.
enum class AccumulatorForm : std::uint8_t
{
    Exact, ///< int32 where it provably suffices, else int64
    PairSaturating, ///< sums of two u8×s8 products saturate to 16 bits, then int32
    Acc16, ///< DNNLOWP: saturated pairs into a saturating 16-bit sum, spilled to int32 every 256 products;
           ///< outliers apart, exact
};

/// Which products stand next to each other in a pair.
enum class PairOrder : std::uint8_t
{
    PerTap, ///< oneDNN's direct convolutions: source channels of one tap, padded to an even count; padding is
            ///< skipped
    Contiguous, ///< im2col and matrix products (FBGEMM, gemm): taps one after the other; padding holds the
                ///< code of zero
};

/// How an accumulator becomes a code.
enum class RequantizationForm : std::uint8_t
{
    Float, ///< as QuantizedConvolutionSpec: FP32, activation and residual included
    Reciprocal, ///< z + round(FP32(acc)·m), m = s_x·s_w/s_y in FP32: DNNLOWP, PyTorch
    Gemmlowp,
    Qnnpack,
    Dnnlowp
};

/// A convolution of codes of 2 to 16 bits in the arithmetic of another target. The formula of
/// QuantizedConvolutionSpec, its sums as `accumulator` says. A matrix product is a 1×1 convolution of m
/// positions. Forms other than Float need a dst of codes and None, Relu or Clip as activation; a residual is
/// added as fixed_point_sum.h says: Gemmlowp in units of 2^-20 of a code, Qnnpack and Dnnlowp with one shift,
/// Reciprocal as z + round(FP32(acc)·m + FP32(q_r − z_r)·(s_r/s_y)). Saturating sums take 8-bit codes; s8
/// sources are shifted by 128, as oneDNN does.
struct EmulatedConvolutionSpec
{
    ConvolutionShape shape{};
    std::span<const std::int32_t> weights{}; ///< codes in ONNX order
    std::span<const float> weightScale{}; ///< [dst channels][groups of source channels]
    std::span<const std::int32_t> weightZeroPoint{}; ///< as many
    std::int64_t groupSize = 0; ///< source channels that share a scale; 0: all. Accumulators are then added
                                ///< as reals, in double
    std::span<const std::int32_t> bias{}; ///< empty = none
    std::span<const float> biasScale{}; ///< one per dst channel: what bias is at; read where there are groups
    QuantizedFormat src{};
    QuantizedFormat dst{}; ///< any type of codes, F32, or S32 (no groups): the sums themselves
    Activation activation{};
    std::optional<QuantizedFormat> residual{};
    AccumulatorForm accumulator = AccumulatorForm::Exact;
    PairOrder order = PairOrder::PerTap;
    int outlierBits = 8; ///< of Acc16: weights of more bits are outliers; 0: all, 8: none
    int spillEvery = 256; ///< of Acc16: products between two widenings; even
    int factorBits = 32; ///< of Dnnlowp without a residual: bits of the multiplier
    bool halvedWeights = false; ///< oneDNN's convolutions of s8 sources without VNNI: round(w/2), sum doubled
    RequantizationForm requantization = RequantizationForm::Float;
};

/// What saturated, by channel of dst.
struct SaturationCounts
{
    std::vector<std::int64_t> pairs; ///< sums of two products that did not fit into 16 bits
    std::vector<std::int64_t> sums; ///< 16-bit accumulations that did not fit
};

/// The spec, packed once. execute() may run on several threads at once.
class EmulatedConvolution
{
public:
    explicit EmulatedConvolution(const EmulatedConvolutionSpec& spec);

    /// Dense, channels-last. counts: empty, or one entry per channel of dst, which is added to.
    void execute(std::span<const std::byte> src, std::span<std::byte> dst,
                 std::span<const std::byte> residual = {}, SaturationCounts* counts = nullptr) const;

    /// "own:s32", "own:s64" (16×16 bits over a long reduction), "own:s32-pair-saturating", "own:s16", with
    /// "+group", "+gemmlowp" and the like behind.
    [[nodiscard]] std::string implementation() const;
    /// Share of weights that are summed apart (Acc16).
    [[nodiscard]] double outlierShare() const { return m_outlierShare; }

private:
    void lineUp();
    void packWeights(const EmulatedConvolutionSpec& spec);
    void chooseFactors();
    void gather(std::span<const std::byte> src, std::int64_t image, std::int64_t position, std::int64_t group,
                std::int32_t* patch) const;
    [[nodiscard]] std::int64_t saturatingSum(const std::int32_t* patch, std::int64_t channel,
                                             SaturationCounts* counts) const;
    [[nodiscard]] double groupedSum(const std::int32_t* patch, std::int64_t channel) const;
    [[nodiscard]] std::int64_t exactSum(const std::int32_t* patch, std::int64_t channel) const;
    [[nodiscard]] double realOf(std::int64_t sum, std::int64_t channel) const;
    void storeReal(double real, std::span<const std::byte> residual, std::span<std::byte> dst,
                   std::size_t i) const;
    void storeFixed(std::int64_t sum, std::int64_t channel, std::span<std::byte> dst, std::size_t i) const;
    void storeFixedSum(std::int64_t sum, std::int64_t channel, std::span<const std::byte> residual,
                       std::span<std::byte> dst, std::size_t i) const;

    EmulatedConvolutionSpec m_spec; ///< spans are void after construction
    std::vector<float> m_weightScale;
    std::vector<std::int32_t> m_bias;
    std::vector<float> m_biasScale;
    std::vector<FixedPointFactor> m_factor; ///< by channel, where requantization is fixed point
    std::vector<FixedPointSumFactors> m_sumFactors; ///< the same with a residual
    CodeBounds m_bounds; ///< of dst, narrowed by the activation
    std::int32_t m_sourceShift = 0; ///< 128 where an s8 source becomes u8
    std::int64_t m_length = 0; ///< products of one sum, fillings of pairs included
    std::vector<std::int64_t> m_segmentEnd; ///< by group of source channels
    std::vector<std::int32_t> m_tapOf; ///< by position in the sum; −1 for the filling of a pair
    std::vector<std::int32_t> m_sourceOf;
    std::vector<std::int32_t> m_weights; ///< [channel][position], zero points subtracted where Exact
    std::vector<std::int32_t> m_zeroPoints; ///< [channel], where sums saturate
    std::vector<std::uint8_t> m_isOutlier; ///< [channel][position]
    bool m_narrow = false; ///< int32 sums suffice
    double m_outlierShare = 0.0;
};

} // namespace kernels
