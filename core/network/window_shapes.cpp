#include "core/network/window_shapes.h"

#include "core/base/error.h"
#include "core/graph/operator_traits.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

using Sizes = std::array<std::int64_t, 3>;

void copyInto(Sizes& sizes, const std::vector<std::int64_t>& values)
{
    std::copy_n(values.begin(), std::min<std::size_t>(values.size(), 3), sizes.begin());
}

/// Explicit pads, or what auto_pad means for these sizes; `window` is (kernel − 1)·dilation + 1.
void setPads(const Node& node, int rank, const Sizes& need, Sizes& begin, Sizes& end)
{
    const std::string mode = node.text("auto_pad", "NOTSET");
    const auto pads = node.integers("pads");
    for (int i = 0; i < rank; ++i) {
        const auto k = static_cast<std::size_t>(i);
        if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
            const std::int64_t total = std::max<std::int64_t>(need[k], 0);
            begin[k] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
            end[k] = total - begin[k];
        } else if (mode == "NOTSET" && pads.size() == 2 * static_cast<std::size_t>(rank)) {
            begin[k] = pads[k];
            end[k] = pads[k + static_cast<std::size_t>(rank)];
        }
    }
}

Sizes spatial(const Shape& shape)
{
    Sizes result{1, 1, 1};
    copyInto(result, {shape.begin() + 2, shape.end()});
    return result;
}

int spatialRankOf(const Operator& op, const Shape& shape)
{
    const auto rank = static_cast<int>(shape.size()) - 2;
    if (rank < 1 || rank > 3) {
        throw Error(ErrorKind::UnsupportedOperator,
                    fmt::format("{} ({}): input of shape {} has {} spatial axes; 1 to 3 can run", op.name,
                                op.type, toString(shape), rank));
    }
    return rank;
}

} // namespace

kernels::ConvolutionShape convolutionShapeOf(const OperatorGraph& graph, const Operator& op)
{
    const Shape& src = graph.value(op.inputs[0]).shape;
    const Shape& dst = graph.value(op.outputs[0]).shape;
    const Shape& weights = op.constants[1] ? op.constants[1]->shape() : graph.value(op.inputs[1]).shape;
    kernels::ConvolutionShape shape;
    shape.spatialRank = spatialRankOf(op, src);
    shape.transposed = isTransposedConvolution(op.type);
    shape.batch = src[0];
    shape.srcChannels = src[1];
    shape.dstChannels = dst[1];
    shape.groups = op.node.integer("group", 1);
    shape.src = spatial(src);
    shape.dst = spatial(dst);
    shape.kernel = spatial(weights);
    copyInto(shape.stride, op.node.integers("strides"));
    copyInto(shape.dilation, op.node.integers("dilations"));
    copyInto(shape.outputPadding, op.node.integers("output_padding"));
    Sizes need{};
    for (std::size_t i = 0; i < 3; ++i) {
        const std::int64_t window = (shape.kernel[i] - 1) * shape.dilation[i] + 1;
        need[i] = shape.transposed
            ? (shape.src[i] - 1) * shape.stride[i] + shape.outputPadding[i] + window - shape.dst[i]
            : (shape.dst[i] - 1) * shape.stride[i] + window - shape.src[i];
    }
    setPads(op.node, shape.spatialRank, need, shape.padBegin, shape.padEnd);
    if (shape.transposed
        && op.node.find("output_shape")) { // pads follow from the wanted size; the odd one goes first
        for (std::size_t i = 0; i < static_cast<std::size_t>(shape.spatialRank); ++i) {
            const bool upper = op.node.text("auto_pad", "NOTSET") == "SAME_UPPER";
            shape.padBegin[i] = upper ? need[i] / 2 : need[i] - need[i] / 2;
            shape.padEnd[i] = need[i] - shape.padBegin[i];
        }
    }
    return shape;
}

kernels::PoolingShape poolingShapeOf(const OperatorGraph& graph, const Operator& op)
{
    const Shape& src = graph.value(op.inputs[0]).shape;
    const Shape& dst = graph.value(op.outputs[0]).shape;
    kernels::PoolingShape shape;
    shape.spatialRank = spatialRankOf(op, src);
    shape.batch = src[0];
    shape.channels = src[1];
    shape.src = spatial(src);
    shape.dst = spatial(dst);
    if (op.type.starts_with("Global")) {
        shape.kernel = shape.src;
        return shape;
    }
    copyInto(shape.kernel, op.node.integers("kernel_shape"));
    copyInto(shape.stride, op.node.integers("strides"));
    copyInto(shape.dilation, op.node.integers("dilations"));
    Sizes need{};
    for (std::size_t i = 0; i < 3; ++i) {
        need[i] = (shape.dst[i] - 1) * shape.stride[i] + (shape.kernel[i] - 1) * shape.dilation[i] + 1
            - shape.src[i];
    }
    setPads(op.node, shape.spatialRank, need, shape.padBegin, shape.padEnd);
    return shape;
}

kernels::MatMulShape matMulShapeOf(const OperatorGraph& graph, const Operator& op)
{
    const Shape& a = graph.value(op.inputs[0]).shape;
    const Shape& b = op.constants[1]->shape();
    kernels::MatMulShape shape;
    shape.k = a.back();
    shape.m = elementCount(a) / std::max<std::int64_t>(shape.k, 1);
    shape.transposedB = hasTransposedWeights(op.node);
    shape.n = shape.transposedB ? b[0] : b[1];
    return shape;
}

} // namespace core
