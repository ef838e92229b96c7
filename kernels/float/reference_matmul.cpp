#include "kernels/float/reference_matmul.h"

#include "kernels/shape/matmul_products.h"

namespace kernels {

void matMulReference(const MatMulShape& shape, std::span<const float> a, std::span<const float> b,
                     std::span<const float> bias, const Activation& activation,
                     std::span<const float> residual, std::span<float> dst)
{
    double sum = 0.0;
    forEachRow(
        shape,
        [&](std::size_t i, std::size_t j) { sum += static_cast<double>(a[i]) * static_cast<double>(b[j]); },
        [&](std::size_t i, std::size_t n) {
            sum += bias.empty() ? 0.0 : static_cast<double>(bias[n]);
            sum += residual.empty() ? 0.0 : static_cast<double>(residual[i]);
            dst[i] = apply(activation, static_cast<float>(sum));
            sum = 0.0;
        });
}

} // namespace kernels
