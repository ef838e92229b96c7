#pragma once

#include "kernels/onednn/onednn_runtime.h"
#include "kernels/shape/convolution_shape.h"

#include <memory>
#include <span>
#include <string>

namespace kernels::onednn {

/// One oneDNN convolution or deconvolution, channels-last, weights packed once. execute() is thread-safe.
class Convolution
{
public:
    /// Weights of F32 or S8 in ONNX order; bias in accumulator units, added before the epilogue's scale.
    /// Null when oneDNN has no kernel, or only one that isSlow().
    [[nodiscard]] static std::unique_ptr<const Convolution>
    make(const ConvolutionShape& shape, ElementType src, ElementType weightType, const void* weights,
         std::span<const float> bias, ElementType dst, const Epilogue& epilogue);
    ~Convolution();

    void execute(const void* src, void* dst) const;
    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    explicit Convolution(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace kernels::onednn
