#pragma once

#include "core/params/quantization_params.h"
#include "core/tensor/tensor.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <span>

/// Tensors and params as kernels want them.
namespace core {

/// The kernel's view of per-tensor params.
[[nodiscard]] kernels::QuantizedFormat formatOf(const QuantizationParams& params);

[[nodiscard]] inline std::span<const std::byte> bytesOf(const Tensor& tensor)
{
    return {tensor.data(), tensor.byteCount()};
}
[[nodiscard]] inline std::span<std::byte> bytesOf(TensorBuilder& builder)
{
    return {builder.data(), builder.byteCount()};
}

/// Codes ↔ reals of per-tensor params; layout and shape stay.
[[nodiscard]] Tensor quantized(const Tensor& real, const QuantizationParams& params);
[[nodiscard]] Tensor dequantized(const Tensor& codes, const QuantizationParams& params);

/// Codes and the reals that they stand for, in one walk over the values: each what the two above give.
struct RoundedTensor
{
    Tensor codes;
    Tensor reals;
};
[[nodiscard]] RoundedTensor rounded(const Tensor& real, const QuantizationParams& params);

} // namespace core
