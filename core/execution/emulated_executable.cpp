#include "core/execution/emulated_executable.h"

#include "core/execution/executable_support.h"
#include "core/graph/operator_traits.h"
#include "core/network/window_shapes.h"
#include "kernels/emulated/emulated_convolution.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace core {

namespace {

/// A matrix product of m rows as a 1×1 convolution of m positions.
kernels::ConvolutionShape matMulAsConvolution(const OperatorGraph& graph, const Operator& op)
{
    const Shape& a = graph.value(op.inputs[0]).shape;
    kernels::ConvolutionShape shape;
    shape.spatialRank = 1;
    shape.srcChannels = a.back();
    const bool transposed = hasTransposedWeights(op.node);
    const Shape& b = op.constants[1]->shape();
    shape.dstChannels = transposed ? b[0] : b[1];
    shape.src[0] = elementCount(a) / std::max<std::int64_t>(shape.srcChannels, 1);
    shape.dst[0] = shape.src[0];
    return shape;
}

/// Codes in the order of a convolution's weights: of a matrix, output by output.
std::vector<std::int32_t> codesOf(const Operator& op, const QuantizedWeights& weights)
{
    std::vector<std::int32_t> codes(weights.codeCount());
    const bool isMatrix = isMatMul(op.type) || isGemm(op.type);
    const bool transposed = hasTransposedWeights(op.node);
    if (!isMatrix || transposed) {
        for (std::size_t i = 0; i < codes.size(); ++i) {
            codes[i] = weights.codeAt(i);
        }
        return codes;
    }
    const auto k = static_cast<std::size_t>(op.constants[1]->shape()[0]);
    const auto n = static_cast<std::size_t>(op.constants[1]->shape()[1]);
    for (std::size_t row = 0; row < k; ++row) {
        for (std::size_t column = 0; column < n; ++column) {
            codes[column * k + row] = weights.codeAt(row * n + column);
        }
    }
    return codes;
}

Tensor countsTensor(const kernels::SaturationCounts& counts)
{
    std::vector<std::int64_t> both = counts.pairs;
    both.insert(both.end(), counts.sums.begin(), counts.sums.end());
    return makeTensor<std::int64_t>({2, static_cast<std::int64_t>(counts.pairs.size())},
                                    std::span<const std::int64_t>(both));
}

/// Scales of every channel, where there are no groups.
template <typename T>
std::vector<T> spread(const std::vector<T>& values, std::size_t count)
{
    return values.size() == 1 ? std::vector<T>(count, values.front()) : values;
}

} // namespace

Executable compileEmulatedLinear(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan)
{
    const Operator& op = graph.at(id);
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    const LinearArithmetic& arithmetic = resolved.arithmetic;
    const QuantizedWeights& weights = *resolved.weights;
    const auto params = [&](ValueId value) -> const QuantizationParams& {
        return plan.values[indexOf(value)]->params;
    };
    const bool hasWindows = isConvolution(op.type);

    kernels::EmulatedConvolutionSpec spec;
    spec.shape = hasWindows ? convolutionShapeOf(graph, op) : matMulAsConvolution(graph, op);
    const auto channels = static_cast<std::size_t>(spec.shape.dstChannels);
    const std::vector<std::int32_t> codes = codesOf(op, weights);
    const std::vector<float> scale = spread(weights.params.scale, channels);
    const std::vector<std::int32_t> zeroPoint = spread(weights.params.zeroPoint, channels);
    spec.weights = codes;
    spec.weightScale = scale;
    spec.weightZeroPoint = zeroPoint;
    spec.groupSize = weights.params.group;
    spec.bias = weights.bias;
    spec.biasScale = weights.channelScale;
    spec.src = formatOf(params(op.inputs[0]));
    spec.dst = resolved.writesCodes ? formatOf(params(op.outputs[0])) : kernels::formatF32();
    spec.activation = op.activation;
    if (op.residual) {
        spec.residual = formatOf(params(op.inputs[*op.residual]));
    }
    spec.accumulator = arithmetic.accumulator;
    spec.order = arithmetic.order;
    spec.outlierBits = arithmetic.outlierBits;
    spec.spillEvery = arithmetic.spillEvery;
    spec.factorBits = arithmetic.factorBits;
    spec.halvedWeights = arithmetic.halvedWeights;
    spec.requantization = arithmetic.requantization;

    const auto kernel = std::make_shared<const kernels::EmulatedConvolution>(spec);
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const DataType dstType = resolved.writesCodes ? params(op.outputs[0]).type : DataType::Float32;
    const Layout layout = hasWindows ? Layout::ChannelsLast : Layout::RowMajor;
    const auto residual = op.residual;
    const bool counted = arithmetic.saturates();
    return {"noisefloor", kernel->implementation(), [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], layout);
                const Tensor other = residual ? toLayout(inputs[*residual], layout) : Tensor();
                TensorBuilder dst(dstType, dstShape, layout);
                kernels::SaturationCounts counts;
                if (counted) {
                    counts.pairs.resize(channels);
                    counts.sums.resize(channels);
                }
                kernel->execute(bytesOf(src), bytesOf(dst),
                                residual ? bytesOf(other) : std::span<const std::byte>{},
                                counted ? &counts : nullptr);
                std::vector<Tensor> results{std::move(dst).finish()};
                if (counted) {
                    results.push_back(countsTensor(counts));
                }
                return results;
            }};
}

} // namespace core
