#include "core/quantization/bias_correction.h"

#include "core/graph/operator_traits.h"
#include "core/network/window_shapes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace core {

namespace {

/// Of one axis, by tap: share of dst positions o that it meets: o·stride − pad + k·dilation inside the
/// source; transposed: positions i·stride − pad + k·dilation inside dst.
std::vector<double> axisShares(const kernels::ConvolutionShape& shape, std::size_t axis)
{
    const std::int64_t from = shape.transposed ? shape.src[axis] : shape.dst[axis];
    const std::int64_t into = shape.transposed ? shape.dst[axis] : shape.src[axis];
    std::vector<double> shares;
    for (std::int64_t k = 0; k < shape.kernel[axis]; ++k) {
        std::int64_t met = 0;
        for (std::int64_t i = 0; i < from; ++i) {
            const std::int64_t at = i * shape.stride[axis] - shape.padBegin[axis] + k * shape.dilation[axis];
            met += at >= 0 && at < into ? 1 : 0;
        }
        shares.push_back(static_cast<double>(met)
                         / static_cast<double>(std::max<std::int64_t>(shape.dst[axis], 1)));
    }
    return shares;
}

} // namespace

std::vector<double> tapShares(const OperatorGraph& graph, const Operator& convolution)
{
    const kernels::ConvolutionShape shape = convolutionShapeOf(graph, convolution);
    std::vector<double> shares{1.0};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(shape.spatialRank); ++axis) {
        std::vector<double> next;
        const std::vector<double> along = axisShares(shape, axis);
        for (const double outer : shares) {
            for (const double inner : along) {
                next.push_back(outer * inner);
            }
        }
        shares = std::move(next);
    }
    return shares;
}

std::optional<std::vector<float>> expectedWeightError(const OperatorGraph& graph, const Operator& op,
                                                      const QuantizedWeights& weights,
                                                      const TensorStatistics& source)
{
    const bool hasWindows = isConvolution(op.type);
    const DequantizedWeights reals(op, weights);
    const WeightLayout& layout = reals.layout();
    if (source.channels.size() != layout.sourceChannels()
        || (!hasWindows && graph.value(op.inputs[0]).shape.size() != 2)) {
        return std::nullopt;
    }
    const std::vector<double> shares = hasWindows ? tapShares(graph, op) : std::vector<double>{1.0};
    std::vector<double> error(layout.channels(), 0.0);
    const auto values = op.constants[1]->as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        error[layout.channelOf(i)] += (reals.at(i) - values[i]) * shares[layout.tapOf(i)]
            * source.channels[layout.sourceChannelOf(i)].mean();
    }
    return std::vector<float>(error.begin(), error.end());
}

} // namespace core
