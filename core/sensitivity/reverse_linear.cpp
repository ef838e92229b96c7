#include "core/graph/operator_traits.h"
#include "core/sensitivity/reverse_parts.h"

#include "core/network/window_shapes.h"
#include "kernels/float/float_convolution.h"
#include "kernels/float/float_matmul.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

namespace core {

namespace {

/// Gradient of the source from the gradient of what the product gave.
using LinearMap = std::function<Tensor(const Tensor&)>;

/// The gradient of a convolution is the transposed convolution with the same weights, and the other way
/// round.
kernels::ConvolutionShape mirrored(const kernels::ConvolutionShape& shape)
{
    kernels::ConvolutionShape result = shape;
    result.transposed = !shape.transposed;
    result.srcChannels = shape.dstChannels;
    result.dstChannels = shape.srcChannels;
    result.src = shape.dst;
    result.dst = shape.src;
    result.outputPadding = {0, 0, 0};
    if (result.transposed) { // what a stride left over at the end
        const auto reached = dstSizes(result);
        for (std::size_t i = 0; i < static_cast<std::size_t>(shape.spatialRank); ++i) {
            result.outputPadding[i] = result.dst[i] - reached[i];
        }
    }
    return result;
}

/// The same as a plain convolution, for which there are faster kernels (half the time at 3×3): a transposed
/// convolution of stride 1 is one with the taps in reverse and padding (kernel − 1)·dilation − pad. None
/// where that does not hold.
std::optional<kernels::ConvolutionShape> plainForm(const kernels::ConvolutionShape& mirrored)
{
    kernels::ConvolutionShape result = mirrored;
    result.transposed = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(mirrored.spatialRank); ++i) {
        const std::int64_t reach = (mirrored.kernel[i] - 1) * mirrored.dilation[i];
        result.padBegin[i] = reach - mirrored.padBegin[i];
        result.padEnd[i] = reach - mirrored.padEnd[i] + mirrored.outputPadding[i];
        if (mirrored.stride[i] != 1 || result.padBegin[i] < 0 || result.padEnd[i] < 0) {
            return std::nullopt;
        }
    }
    result.outputPadding = {0, 0, 0};
    return mirrored.transposed ? std::optional(result) : std::nullopt;
}

/// Weights [I][O/groups][taps] of a transposed convolution as [O][I/groups][taps in reverse].
std::vector<float> plainWeights(const kernels::ConvolutionShape& shape, std::span<const float> weights)
{
    const auto taps = static_cast<std::size_t>(shape.taps());
    const auto groups = static_cast<std::size_t>(shape.groups);
    const std::size_t sources = static_cast<std::size_t>(shape.srcChannels) / groups;
    const std::size_t results = static_cast<std::size_t>(shape.dstChannels) / groups;
    std::vector<float> plain(weights.size());
    for (std::size_t g = 0; g < groups; ++g) {
        for (std::size_t i = 0; i < sources; ++i) {
            for (std::size_t o = 0; o < results; ++o) {
                for (std::size_t t = 0; t < taps; ++t) {
                    plain[((g * results + o) * sources + i) * taps + t] =
                        weights[((g * sources + i) * results + o) * taps + taps - 1 - t];
                }
            }
        }
    }
    return plain;
}

LinearMap convolutionMap(const OperatorGraph& graph, const Operator& op)
{
    const kernels::ConvolutionShape shape = mirrored(convolutionShapeOf(graph, op));
    const auto weights = op.constants[1]->as<float>();
    const auto plain = plainForm(shape);
    const auto kernel = plain
        ? std::make_shared<kernels::FloatConvolution>(*plain, plainWeights(shape, weights),
                                                      std::span<const float>{}, kernels::Activation{})
        : std::make_shared<kernels::FloatConvolution>(shape, weights, std::span<const float>{},
                                                      kernels::Activation{});
    const Shape src = graph.value(op.inputs[0]).shape;
    return [kernel, src](const Tensor& gradient) {
        TensorBuilder dst(DataType::Float32, src, kernelLayout(src));
        kernel->execute(gradient.as<float>(), dst.as<float>());
        return std::move(dst).finish();
    };
}

/// Of a matrix product whose gradient is row-major whatever its rank.
LinearMap productMap(const OperatorGraph& graph, const Operator& op)
{
    const Shape src = graph.value(op.inputs[0]).shape;
    const Shape& weights = op.constants[1]->shape();
    const bool isTransposed = hasTransposedWeights(op.node);
    kernels::MatMulShape shape;
    shape.n = src.back();
    shape.k = isTransposed ? weights[0] : weights[1];
    shape.m = elementCount(src) / std::max<std::int64_t>(shape.n, 1);
    shape.transposedB = !isTransposed;
    const auto kernel = std::make_shared<kernels::FloatMatMul>(
        shape, op.constants[1]->as<float>(), std::span<const float>{}, kernels::Activation{});
    return [kernel, src](const Tensor& gradient) {
        const Tensor g = toLayout(gradient, Layout::RowMajor);
        TensorBuilder dst(DataType::Float32, src);
        kernel->execute(g.as<float>(), dst.as<float>());
        return inKernelLayout(std::move(dst).finish());
    };
}

std::optional<LinearMap> mapOf(const OperatorGraph& graph, const Operator& op)
{
    if (op.constants.size() < 2 || !op.constants[1] || op.constants[1]->type() != DataType::Float32
        || (op.constants.size() > 2 && op.inputs.size() > 2 && op.inputs[2] != kNoValue && !op.constants[2]
            && op.residual != 2)) {
        return std::nullopt;
    }
    const Shape& src = graph.value(op.inputs[0]).shape;
    if (isConvolution(op.type)) {
        return src.size() >= 3 && src.size() <= 5 ? std::optional(convolutionMap(graph, op)) : std::nullopt;
    }
    const bool isPlain = isMatMul(op.type)
        || (isGemm(op.type) && !op.node.integer("transA", 0) && op.node.real("alpha", 1.0f) == 1.0f);
    if (!isPlain || op.constants[1]->rank() != 2 || src.size() < 2) {
        return std::nullopt;
    }
    return productMap(graph, op);
}

} // namespace

std::optional<ReverseRule> reverseOfLinear(const OperatorGraph& graph, const Operator& op)
{
    const auto map = mapOf(graph, op);
    if (!map) {
        return std::nullopt;
    }
    return [map = *map, &op](const ReversePoint& at, const Tensor& gradient) {
        std::vector<Tensor> result(at.inputs.size());
        const Tensor g = throughActivation(op, at.output, gradient);
        result[0] = map(g);
        if (op.residual && at.inputs[*op.residual].isDefined()) {
            result[*op.residual] = reducedTo(at.inputs[*op.residual].shape(), g);
        }
        return result;
    };
}

} // namespace core
