#pragma once

#include "core/graph/graph.h"

#include <span>

namespace core::ops {

/// NumPy's matmul: the last two axes are multiplied, the others broadcast; a 1-D operand is a row or column.
struct MatMulSizes
{
    std::int64_t rows = 1;
    std::int64_t inner = 1;
    std::int64_t columns = 1;
    Shape batch; ///< broadcast of both
    Shape a; ///< a's full shape: batch, rows, inner
    Shape b; ///< b's full shape: batch, inner, columns
    Shape dst; ///< of the result, without the axis that a 1-D operand lacks
};

/// Throws naming the node and both shapes when they do not fit.
[[nodiscard]] MatMulSizes matMulSizes(const Node& node, const Shape& a, const Shape& b);

/// dst[i, j] = Σ_k a[i, k] · b[k, j], one matrix after another; operands already broadcast to sizes.a and
/// sizes.b.
template <typename T>
[[nodiscard]] std::vector<T> multiply(const MatMulSizes& sizes, std::span<const T> a, std::span<const T> b)
{
    const std::int64_t matrices = elementCount(sizes.batch);
    std::vector<T> dst(static_cast<std::size_t>(matrices * sizes.rows * sizes.columns));
    for (std::int64_t m = 0; m < matrices; ++m) {
        for (std::int64_t i = 0; i < sizes.rows; ++i) {
            T* to = dst.data() + (m * sizes.rows + i) * sizes.columns;
            for (std::int64_t k = 0; k < sizes.inner; ++k) {
                const T factor = a[static_cast<std::size_t>((m * sizes.rows + i) * sizes.inner + k)];
                const T* from = b.data() + (m * sizes.inner + k) * sizes.columns;
                for (std::int64_t j = 0; j < sizes.columns; ++j) {
                    to[j] += factor * from[j];
                }
            }
        }
    }
    return dst;
}

} // namespace core::ops
