#pragma once

#include <cstdint>

namespace kernels {

/// Sizes of dst[b] = A[b]·B[b]: A is m×k, B is k×n, dst is m×n, all row-major and dense.
struct MatMulShape
{
    std::int64_t batch = 1;
    std::int64_t m = 1;
    std::int64_t k = 1;
    std::int64_t n = 1;
    bool sharedB = true; ///< one B for the whole batch; otherwise `batch` of them
    bool transposedB =
        false; ///< B is stored n×k, as Gemm with transB and most fully connected layers have it

    bool operator==(const MatMulShape&) const = default;
    [[nodiscard]] std::int64_t aCount() const { return batch * m * k; }
    [[nodiscard]] std::int64_t bCount() const { return (sharedB ? 1 : batch) * k * n; }
    [[nodiscard]] std::int64_t dstCount() const { return batch * m * n; }
};

} // namespace kernels
