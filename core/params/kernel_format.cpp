#include "core/params/kernel_format.h"

#include "kernels/codes/quantize.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/fixed_point.h"

#include <algorithm>
#include <utility>

namespace core {

namespace {

kernels::ElementType elementTypeOf(DataType type)
{
    switch (type) {
    case DataType::Int8:
        return kernels::ElementType::S8;
    case DataType::UInt16:
        return kernels::ElementType::U16;
    case DataType::Int16:
        return kernels::ElementType::S16;
    default:
        return kernels::ElementType::U8;
    }
}

} // namespace

kernels::QuantizedFormat formatOf(const QuantizationParams& params)
{
    return {elementTypeOf(params.type), params.scale[0], params.zeroPoint[0], params.codes.lowest,
            params.codes.highest};
}

Tensor quantized(const Tensor& real, const QuantizationParams& params)
{
    TensorBuilder codes(params.type, real.shape(), real.layout());
    if (params.rounding != Rounding::HalfEven) {
        const auto order = params.rounding == Rounding::Dnnlowp
            ? kernels::RoundingOrder::AddZeroPointThenRound
            : kernels::RoundingOrder::RoundThenAddZeroPoint;
        const auto src = real.as<float>();
        const kernels::CodeBounds bounds{params.codes.lowest, params.codes.highest};
        for (std::size_t i = 0; i < src.size(); ++i) {
            kernels::storeCode(
                bytesOf(codes), elementTypeOf(params.type), i,
                kernels::quantizeByReciprocal(src[i], params.scale[0], params.zeroPoint[0], bounds, order));
        }
        return std::move(codes).finish();
    }
    kernels::quantizeLinear(real.as<float>(), formatOf(params), bytesOf(codes));
    return std::move(codes).finish();
}

RoundedTensor rounded(const Tensor& real, const QuantizationParams& params)
{
    if (params.rounding != Rounding::HalfEven) {
        Tensor codes = quantized(real, params);
        Tensor reals = dequantized(codes, params);
        return {std::move(codes), std::move(reals)};
    }
    TensorBuilder codes(params.type, real.shape(), real.layout());
    TensorBuilder reals(DataType::Float32, real.shape(), real.layout());
    const kernels::QuantizedFormat format = formatOf(params);
    const std::size_t width = sizeOf(params.type);
    const auto src = real.as<float>();
    const auto dst = reals.as<float>();
    constexpr std::size_t kBlock = 4096; // stays in the first-level cache
    for (std::size_t i = 0; i < src.size(); i += kBlock) {
        const std::size_t count = std::min(kBlock, src.size() - i);
        const auto block = bytesOf(codes).subspan(i * width, count * width);
        kernels::quantizeLinear(src.subspan(i, count), format, block);
        kernels::dequantizeLinear(block, format, dst.subspan(i, count));
    }
    return {std::move(codes).finish(), std::move(reals).finish()};
}

Tensor dequantized(const Tensor& codes, const QuantizationParams& params)
{
    TensorBuilder real(DataType::Float32, codes.shape(), codes.layout());
    kernels::dequantizeLinear(bytesOf(codes), formatOf(params), real.as<float>());
    return std::move(real).finish();
}

} // namespace core
