#include "core/execution/bounded_executable.h"

#include "core/graph/operator_traits.h"
#include "core/tensor/shape.h"
#include "kernels/float/channel_bounds.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace core {

namespace {

std::size_t strideOf(const Tensor& tensor, std::size_t axis)
{
    if (tensor.layout() == Layout::ChannelsLast && tensor.rank() >= 3 && axis == 1) {
        return 1;
    }
    return static_cast<std::size_t>(rowMajorStrides(tensor.shape())[axis]);
}

template <typename T>
void cut(TensorBuilder& dst, const Tensor& bounds, std::size_t stride)
{
    kernels::minByChannel(dst.as<T>(), bounds.as<T>(), stride);
}

void minByChannel(TensorBuilder& dst, const Tensor& bounds, std::size_t stride)
{
    switch (bounds.type()) {
    case DataType::UInt8:
        return cut<std::uint8_t>(dst, bounds, stride);
    case DataType::Int8:
        return cut<std::int8_t>(dst, bounds, stride);
    case DataType::UInt16:
        return cut<std::uint16_t>(dst, bounds, stride);
    case DataType::Int16:
        return cut<std::int16_t>(dst, bounds, stride);
    default:
        return cut<float>(dst, bounds, stride);
    }
}

/// Over its own bytes where nobody else holds them.
Tensor cutOff(Tensor&& result, const Tensor& bounds, std::size_t axis)
{
    const std::size_t stride = strideOf(result, axis);
    TensorBuilder dst(result.type(), result.shape(), result.layout(), result);
    if (dst.data() != result.data()) {
        std::copy_n(result.data(), result.byteCount(), dst.data());
    }
    result = {};
    minByChannel(dst, bounds, stride);
    return std::move(dst).finish();
}

} // namespace

std::size_t resultChannelAxis(const OperatorGraph& graph, const Operator& op)
{
    return isMatMul(op.type) ? graph.value(op.result()).shape.size() - 1 : 1;
}

Executable bounded(Executable inner, const OperatorGraph& graph, const Operator& op,
                   const std::optional<QuantizationParams>& params)
{
    if (op.upperBounds.empty()) {
        return inner;
    }
    Tensor bounds = makeTensor<float>({static_cast<std::int64_t>(op.upperBounds.size())},
                                      std::span<const float>(op.upperBounds));
    if (params) {
        bounds = quantized(bounds, *params);
    }
    const std::size_t axis = resultChannelAxis(graph, op);
    Executable result;
    result.backend = inner.backend;
    result.implementation = inner.implementation + "+min";
    result.run = [=, run = std::move(inner.run)](std::span<const Tensor> inputs) {
        std::vector<Tensor> results = run(inputs);
        results[0] = cutOff(std::move(results[0]), bounds, axis);
        return results;
    };
    if (inner.runInPlace) {
        result.runInPlace = [=, run = std::move(inner.runInPlace)](std::span<Tensor> inputs) {
            std::vector<Tensor> results = run(inputs);
            results[0] = cutOff(std::move(results[0]), bounds, axis);
            return results;
        };
    }
    return result;
}

} // namespace core
