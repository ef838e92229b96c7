#include "kernels/reference_matmul.h"

#include "kernels/reference_quantize.h"
#include "kernels/requantization.h"

#include <vector>

namespace kernels {
namespace {

/// Calls row(dst index, n) after product(a index, b index) was called for every k.
template <typename Product, typename Finish>
void forEachRow(const MatMulShape& s, Product product, Finish finish)
{
    for (std::int64_t batch = 0; batch < s.batch; ++batch) {
        const auto bStart = s.sharedB ? 0 : batch * s.k * s.n;
        for (std::int64_t m = 0; m < s.m; ++m) {
            for (std::int64_t n = 0; n < s.n; ++n) {
                for (std::int64_t k = 0; k < s.k; ++k) {
                    const auto b = bStart + (s.transposedB ? n * s.k + k : k * s.n + n);
                    product(static_cast<std::size_t>((batch * s.m + m) * s.k + k),
                            static_cast<std::size_t>(b));
                }
                finish(static_cast<std::size_t>((batch * s.m + m) * s.n + n), static_cast<std::size_t>(n));
            }
        }
    }
}

template <typename T>
T pick(std::span<const T> values, std::size_t n, T none)
{
    return values.empty() ? none : values[values.size() == 1 ? 0 : n];
}

} // namespace

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

void quantizedMatMulReference(const QuantizedMatMulSpec& spec, std::span<const std::byte> a,
                              std::span<const std::byte> b, std::span<const std::byte> residual,
                              std::span<std::byte> dst)
{
    std::vector<float> scale;
    for (std::size_t n = 0; n < static_cast<std::size_t>(spec.shape.n); ++n) {
        scale.push_back(spec.a.scale * pick(spec.bScale, n, 1.0f));
    }
    const auto how = makeRequantization(scale, spec.dst, spec.activation, spec.residual);
    std::int64_t product = 0; // Σ (a − z_a)·b
    std::int64_t sumOfA = 0; // Σ (a − z_a), which the zero point of B multiplies
    forEachRow(
        spec.shape,
        [&](std::size_t i, std::size_t j) {
            const std::int64_t left = codeAt(a, spec.a.type, i) - spec.a.zeroPoint;
            product += left * codeAt(b, spec.bType, j);
            sumOfA += left;
        },
        [&](std::size_t i, std::size_t n) {
            const auto sum = product - sumOfA * pick(spec.bZeroPoint, n, 0) + pick(spec.bias, n, 0);
            const auto code = spec.residual ? codeAt(residual, spec.residual->type, i) : 0;
            storeRequantized(sum, how.multiplier[n], code, how, dst, i);
            product = 0;
            sumOfA = 0;
        });
}

} // namespace kernels
