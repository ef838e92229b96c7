#include "kernels/float/float_matmul.h"

#include "kernels/float/elementwise.h"
#include "kernels/float/reference_matmul.h"
#include "kernels/onednn/onednn_matmul.h"

#include <algorithm>
#include <cassert>

namespace kernels {

struct FloatMatMul::Impl
{
    MatMulShape shape;
    Activation activation;
    Residual residual = Residual::None;
    std::unique_ptr<const onednn::MatMul> product;
    std::vector<float> b; ///< only where oneDNN has no kernel
    std::vector<float> bias; ///< likewise
    std::string implementation;
};

FloatMatMul::FloatMatMul(const MatMulShape& shape, std::span<const float> b, std::span<const float> bias,
                         const Activation& activation, Residual residual)
{
    assert(b.empty() || static_cast<std::int64_t>(b.size()) == shape.bCount());
    assert(bias.empty() || static_cast<std::int64_t>(bias.size()) == shape.n);
    auto impl = std::make_unique<Impl>();
    impl->shape = shape;
    impl->activation = activation;
    impl->residual = residual;
    onednn::Epilogue epilogue;
    if (hasKernel(activation.kind)) {
        epilogue.activation = activation;
    }
    if (residual == Residual::Add) {
        epilogue.sum = formatF32();
    }
    impl->product = onednn::MatMul::make(shape, ElementType::F32, ElementType::F32,
                                         b.empty() ? nullptr : b.data(), 0, bias, ElementType::F32, epilogue);
    if (impl->product) {
        impl->implementation = impl->product->implementation();
    } else {
        impl->b.assign(b.begin(), b.end());
        impl->bias.assign(bias.begin(), bias.end());
        impl->implementation = "own:plain";
    }
    m_impl = std::move(impl);
}

FloatMatMul::~FloatMatMul() = default;
FloatMatMul::FloatMatMul(FloatMatMul&&) noexcept = default;
FloatMatMul& FloatMatMul::operator=(FloatMatMul&&) noexcept = default;

void FloatMatMul::execute(std::span<const float> a, std::span<float> dst,
                          std::span<const float> residual) const
{
    executeWith(a, {}, dst, residual);
}

void FloatMatMul::executeWith(std::span<const float> a, std::span<const float> b, std::span<float> dst,
                              std::span<const float> residual) const
{
    assert(static_cast<std::int64_t>(a.size()) == m_impl->shape.aCount());
    assert(static_cast<std::int64_t>(dst.size()) == m_impl->shape.dstCount());
    assert((m_impl->residual == Residual::Add) == !residual.empty());
    if (!m_impl->product) {
        matMulReference(m_impl->shape, a, b.empty() ? m_impl->b : b, m_impl->bias, m_impl->activation,
                        residual, dst);
        return;
    }
    if (!residual.empty() && residual.data() != dst.data()) {
        std::copy(residual.begin(), residual.end(), dst.begin());
    }
    m_impl->product->execute(a.data(), b.empty() ? nullptr : b.data(), dst.data());
    if (!hasKernel(m_impl->activation.kind)) {
        activate(m_impl->activation, dst, dst);
    }
}

const std::string& FloatMatMul::implementation() const { return m_impl->implementation; }

} // namespace kernels
