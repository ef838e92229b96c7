#include "kernels/int8/reference_quantized_matmul.h"

#include "kernels/codes/per_channel.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/codes/requantization.h"
#include "kernels/shape/matmul_products.h"

#include <vector>

namespace kernels {
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
