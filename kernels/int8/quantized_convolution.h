#pragma once

#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kernels {

/// A convolution of codes. Spans are read during construction only.
///
///   acc = Σ (q_x − z_x)·(q_w − z_w[c]) + bias[c]          exact in int32
///   r   = activation(acc·s_x·s_w[c] + s_r·(q_r − z_r))    FP32, as Requantization orders it; s_r: residual
///   dst = saturate(roundHalfEven(r / s_y) + z_y)
///
/// F32 dst receives r. S32 dst receives acc; it takes neither activation nor residual.
struct QuantizedConvolutionSpec
{
    ConvolutionShape shape{};
    std::span<const std::int8_t> weights{}; ///< codes in ONNX order, see FloatConvolution
    std::span<const float> weightScale{}; ///< one, or one per channel of dst
    std::span<const std::int32_t> weightZeroPoint{}; ///< empty = 0; else one, or one per channel of dst
    std::span<const std::int32_t> bias{}; ///< codes at scale s_x·s_w[c]; empty = none
    QuantizedFormat src{}; ///< U8 or S8
    QuantizedFormat dst{}; ///< U8, S8, F32 or S32
    Activation activation{};
    std::optional<QuantizedFormat> residual{}; ///< U8 or S8
};

/// What computes the convolution.
enum class IntegerBackend : std::uint8_t
{
    Fastest, ///< oneDNN where it has a fast kernel and the processor is exact (hasExactInt8), else our own
    Own, ///< our own exact integer kernel on every processor
    OneDnn, ///< oneDNN even where its accumulators saturate; our own only where it has no kernel at all
};

/// The spec, packed once. Every backend gives the codes of quantizedConvolutionReference, bit for bit; where
/// the activation is HardSwish or Sigmoid, or an accumulator without its bias passes 2²⁴, they may differ by
/// 1 next to a tie. Accumulators (S32) are exact. execute() may run on several threads at once.
class QuantizedConvolution
{
public:
    explicit QuantizedConvolution(const QuantizedConvolutionSpec& spec,
                                  IntegerBackend backend = IntegerBackend::Fastest);
    ~QuantizedConvolution();
    QuantizedConvolution(QuantizedConvolution&&) noexcept;
    QuantizedConvolution& operator=(QuantizedConvolution&&) noexcept;

    /// Dense, channels-last, element types of the spec. residual may be dst itself (in place, no copy).
    void execute(std::span<const std::byte> src, std::span<std::byte> dst,
                 std::span<const std::byte> residual = {}) const;

    /// What runs, in oneDNN's words ("brgconv:avx512_core_vnni"), "…+epilogue" where requantization is ours,
    /// or "own:…".
    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    std::unique_ptr<const Impl> m_impl;
};

} // namespace kernels
