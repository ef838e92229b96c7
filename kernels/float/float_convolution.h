#pragma once

#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/post_operation.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kernels {

/// Whether a kernel adds a second operand before its activation.
enum class Residual : std::uint8_t
{
    None,
    Add
};

/// dst = activation(conv(src) + bias + residual) in FP32 by oneDNN; weights are packed once, here.
///
/// src and dst are dense and channels-last (nwc, nhwc, ndhwc). Weights come in ONNX order:
/// [O][I/groups][kernel…], transposed [I][O/groups][kernel…]. The summation order is oneDNN's: compare within
/// 1e-5 of Σ|x·w|. execute() may run on several threads at once; each keeps its own scratchpad.
class FloatConvolution
{
public:
    /// bias: dstChannels values or empty.
    FloatConvolution(const ConvolutionShape& shape, std::span<const float> weights,
                     std::span<const float> bias, const Activation& activation,
                     Residual residual = Residual::None);
    ~FloatConvolution();
    FloatConvolution(FloatConvolution&&) noexcept;
    FloatConvolution& operator=(FloatConvolution&&) noexcept;

    /// residual: as many values as dst, where Residual::Add was asked for; may be dst itself (in place, no
    /// copy).
    void execute(std::span<const float> src, std::span<float> dst,
                 std::span<const float> residual = {}) const;

    /// What runs, in oneDNN's words ("brgconv:avx512_core"), or "own:…".
    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    std::unique_ptr<const Impl> m_impl;
};

} // namespace kernels
