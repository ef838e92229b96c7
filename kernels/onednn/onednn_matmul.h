#pragma once

#include "kernels/onednn/onednn_runtime.h"
#include "kernels/shape/matmul_shape.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kernels::onednn {

/// One oneDNN matrix product. execute() is thread-safe.
class MatMul
{
public:
    /// b: null where it is given at execution. bZeroPoint: of S8. bias in accumulator units.
    /// Null when oneDNN has no kernel, or only one that isSlow().
    [[nodiscard]] static std::unique_ptr<const MatMul>
    make(const MatMulShape& shape, ElementType a, ElementType bType, const void* b, std::int32_t bZeroPoint,
         std::span<const float> bias, ElementType dst, const Epilogue& epilogue);
    ~MatMul();

    /// b: null where the packed one is meant.
    void execute(const void* a, const void* b, void* dst) const;
    [[nodiscard]] const std::string& implementation() const;

private:
    struct Impl;
    explicit MatMul(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace kernels::onednn
