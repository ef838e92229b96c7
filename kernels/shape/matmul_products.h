#pragma once

#include "kernels/shape/matmul_shape.h"

#include <cstddef>
#include <cstdint>

namespace kernels {

/// Calls finish(dst index, n) after product(a index, b index) was called for every k.
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

} // namespace kernels
