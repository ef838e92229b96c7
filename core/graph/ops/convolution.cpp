#include "core/graph/ops/convolution.h"

#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/quantize.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::ops {

ConvolutionSizes convolutionSizes(const Node& node, const Shape& src, const Shape& weights)
{
    if (src.size() < 3 || weights.size() != src.size()) {
        fail(node, fmt::format("src {} and weights {} are no convolution", toString(src), toString(weights)));
    }
    ConvolutionSizes sizes;
    sizes.groups = node.integer("group", 1);
    sizes.batch = src[0];
    sizes.inChannels = src[1];
    sizes.outChannels = weights[0];
    if (sizes.groups < 1 || sizes.outChannels % sizes.groups != 0) {
        fail(node,
             fmt::format("{} output channels do not divide into {} groups", sizes.outChannels, sizes.groups));
    }
    if (weights[1] * sizes.groups != sizes.inChannels) {
        fail(node,
             fmt::format("weights have {} input channels, src has {}", weights[1] * sizes.groups,
                         sizes.inChannels));
    }
    const Shape kernel(weights.begin() + 2, weights.end());
    const auto declared = node.integers("kernel_shape");
    if (!declared.empty() && declared != kernel) {
        fail(node, fmt::format("kernel_shape is {}, weights have {}", toString(declared), toString(kernel)));
    }
    sizes.window = windowOf(node, src, kernel);
    return sizes;
}

template <typename Accumulator>
void convolve(const ConvolutionSizes& sizes, std::span<const Accumulator> src,
              std::span<const Accumulator> weights, std::span<const Accumulator> bias,
              std::span<Accumulator> dst)
{
    const Window& w = sizes.window;
    const std::int64_t srcPlane = countOf(w.src);
    const std::int64_t dstPlane = countOf(w.dst);
    const std::int64_t kernelPlane = countOf(w.kernel);
    const std::int64_t inPerGroup = sizes.inChannels / sizes.groups;
    const std::int64_t outPerGroup = sizes.outChannels / sizes.groups;
    // One plane of sums per output channel; the innermost loop runs along a row of it.
    for (std::int64_t n = 0; n < sizes.batch; ++n) {
        for (std::int64_t oc = 0; oc < sizes.outChannels; ++oc) {
            Accumulator* sums = dst.data() + (n * sizes.outChannels + oc) * dstPlane;
            std::fill_n(sums, dstPlane, bias.empty() ? Accumulator{} : bias[static_cast<std::size_t>(oc)]);
            for (std::int64_t ic = 0; ic < inPerGroup; ++ic) {
                const std::int64_t channel = oc / outPerGroup * inPerGroup + ic;
                const Accumulator* plane = src.data() + (n * sizes.inChannels + channel) * srcPlane;
                const Accumulator* kernel = weights.data() + (oc * inPerGroup + ic) * kernelPlane;
                for (std::int64_t kd = 0; kd < w.kernel[0]; ++kd) {
                    const Range depths = validPositions(w, 0, kd);
                    for (std::int64_t kh = 0; kh < w.kernel[1]; ++kh) {
                        const Range rows = validPositions(w, 1, kh);
                        for (std::int64_t kw = 0; kw < w.kernel[2]; ++kw) {
                            const Accumulator weight = *kernel++;
                            const Range columns = validPositions(w, 2, kw);
                            const std::int64_t shift = kw * w.dilation[2] - w.padBegin[2];
                            for (std::int64_t d = depths.first; d < depths.last; ++d) {
                                const std::int64_t z = d * w.stride[0] + kd * w.dilation[0] - w.padBegin[0];
                                for (std::int64_t h = rows.first; h < rows.last; ++h) {
                                    const std::int64_t y =
                                        h * w.stride[1] + kh * w.dilation[1] - w.padBegin[1];
                                    const Accumulator* from = plane + (z * w.src[1] + y) * w.src[2] + shift;
                                    Accumulator* to = sums + (d * w.dst[1] + h) * w.dst[2];
                                    for (std::int64_t x = columns.first; x < columns.last; ++x) {
                                        to[x] += weight * from[x * w.stride[2]];
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

template void convolve<double>(const ConvolutionSizes&, std::span<const double>, std::span<const double>,
                               std::span<const double>, std::span<double>);
template void convolve<std::int64_t>(const ConvolutionSizes&, std::span<const std::int64_t>,
                                     std::span<const std::int64_t>, std::span<const std::int64_t>,
                                     std::span<std::int64_t>);

namespace {

std::vector<ValueInfo> inferConv(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 3);
    const ValueInfo& weights = inputOfRank(c, 1, 3);
    const ConvolutionSizes sizes = convolutionSizes(c.node, src.shape, weights.shape);
    if (hasInput(c, 2) && c.inputs[2].shape != Shape{sizes.outChannels}) {
        fail(c.node,
             fmt::format("bias has shape {}, weights have {} output channels", toString(c.inputs[2].shape),
                         sizes.outChannels));
    }
    const bool isInteger = c.node.type == "ConvInteger";
    return {{isInteger ? DataType::Int32 : src.type, shapeOf(sizes.window, sizes.batch, sizes.outChannels)}};
}

std::vector<Tensor> evaluateConv(const Node& node, std::span<const Tensor> in)
{
    const ConvolutionSizes sizes = convolutionSizes(node, in[0].shape(), in[1].shape());
    const Shape shape = shapeOf(sizes.window, sizes.batch, sizes.outChannels);
    std::vector<double> sums(static_cast<std::size_t>(elementCount(shape)));
    const std::vector<double> bias = hasInput(in, 2) ? doublesOf(in[2]) : std::vector<double>{};
    convolve<double>(sizes, doublesOf(in[0]), doublesOf(in[1]), bias, sums);
    return {castTo(makeTensor<double>(shape, sums), in[0].type())};
}

struct TransposeSizes
{
    Window window;
    std::int64_t groups = 1;
    std::int64_t outPerGroup = 1;
};

/// Weights of ConvTranspose are inChannels × (outChannels / groups) × kernel.
TransposeSizes transposeSizes(const Node& node, const Shape& src, const Shape& weights)
{
    if (src.size() < 3 || weights.size() != src.size()) {
        fail(node,
             fmt::format("src {} and weights {} are no transposed convolution", toString(src),
                         toString(weights)));
    }
    const std::int64_t groups = node.integer("group", 1);
    if (weights[0] != src[1] || groups < 1 || src[1] % groups != 0) {
        fail(node,
             fmt::format("weights have {} input channels in {} groups, src has {}", weights[0], groups,
                         src[1]));
    }
    return {transposedWindowOf(node, src, Shape(weights.begin() + 2, weights.end())), groups, weights[1]};
}

std::vector<ValueInfo> inferConvTranspose(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 3);
    const ValueInfo& weights = inputOfRank(c, 1, 3);
    const TransposeSizes sizes = transposeSizes(c.node, src.shape, weights.shape);
    const std::int64_t outChannels = sizes.groups * sizes.outPerGroup;
    if (hasInput(c, 2) && c.inputs[2].shape != Shape{outChannels}) {
        fail(c.node,
             fmt::format("bias has shape {}, weights have {} output channels", toString(c.inputs[2].shape),
                         outChannels));
    }
    return {{src.type, shapeOf(sizes.window, src.shape[0], outChannels)}};
}

/// Scatters: every src element adds its value times the kernel to dst, at o·stride + k·dilation − pad.
std::vector<Tensor> evaluateConvTranspose(const Node& node, std::span<const Tensor> in)
{
    const Shape& shape = in[0].shape();
    const TransposeSizes sizes = transposeSizes(node, shape, in[1].shape());
    const Window& w = sizes.window;
    const std::int64_t inPerGroup = shape[1] / sizes.groups;
    const std::int64_t outChannels = sizes.groups * sizes.outPerGroup;
    const std::vector<double> src = doublesOf(in[0]);
    const std::vector<double> weights = doublesOf(in[1]);
    const std::vector<double> bias =
        hasInput(in, 2) ? doublesOf(in[2]) : std::vector<double>(static_cast<std::size_t>(outChannels));
    const Shape dstShape = shapeOf(w, shape[0], outChannels);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(dstShape)));
    for (std::int64_t n = 0; n < shape[0]; ++n) {
        for (std::int64_t oc = 0; oc < outChannels; ++oc) {
            double* sums = dst.data() + (n * outChannels + oc) * countOf(w.dst);
            std::fill_n(sums, countOf(w.dst), bias[static_cast<std::size_t>(oc)]);
            for (std::int64_t i = 0; i < inPerGroup; ++i) {
                const std::int64_t ic = oc / sizes.outPerGroup * inPerGroup + i;
                const double* plane = src.data() + (n * shape[1] + ic) * countOf(w.src);
                const double* kernel =
                    weights.data() + (ic * sizes.outPerGroup + oc % sizes.outPerGroup) * countOf(w.kernel);
                for (std::int64_t p = 0; p < countOf(w.src); ++p) {
                    const Extent3 at{p / (w.src[1] * w.src[2]), p / w.src[2] % w.src[1], p % w.src[2]};
                    for (std::int64_t k = 0; k < countOf(w.kernel); ++k) {
                        const Extent3 tap{k / (w.kernel[1] * w.kernel[2]), k / w.kernel[2] % w.kernel[1],
                                          k % w.kernel[2]};
                        std::int64_t to = 0;
                        bool isInside = true;
                        for (std::size_t a = 0; a < 3; ++a) {
                            const std::int64_t o =
                                at[a] * w.stride[a] + tap[a] * w.dilation[a] - w.padBegin[a];
                            isInside = isInside && o >= 0 && o < w.dst[a];
                            to = to * w.dst[a] + o;
                        }
                        if (isInside) {
                            sums[to] += plane[p] * kernel[k];
                        }
                    }
                }
            }
        }
    }
    return {castTo(makeTensor<double>(dstShape, dst), in[0].type())};
}

/// Codes minus their zero point: one, or one per index of axis 0.
std::vector<std::int64_t> centredWindow(const Node& node, const Tensor& codes, std::span<const Tensor> in,
                                        std::size_t zeroPoint)
{
    std::vector<std::int64_t> values = core::integersOf(codes);
    if (hasInput(in, zeroPoint)) {
        const auto zeros = core::integersOf(spreadParameter(node, in[zeroPoint], codes.shape(), 0, 0));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] -= zeros[i];
        }
    }
    return values;
}

std::vector<Tensor> evaluateConvInteger(const Node& node, std::span<const Tensor> in)
{
    const ConvolutionSizes sizes = convolutionSizes(node, in[0].shape(), in[1].shape());
    const Shape shape = shapeOf(sizes.window, sizes.batch, sizes.outChannels);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(elementCount(shape)));
    convolve<std::int64_t>(sizes, centredWindow(node, in[0], in, 2), centredWindow(node, in[1], in, 3), {},
                           sums);
    return {castTo(makeTensor<std::int64_t>(shape, sums), DataType::Int32)};
}

constexpr OperatorDefinition kConvolutionOperators[] = {
    {"", "Conv", 1, inferConv, evaluateConv},
    {"", "ConvInteger", 10,
     [](const InferContext& c) {
         InferContext pair{
             c.node,
             {c.inputs.begin(), c.inputs.begin() + std::min<std::ptrdiff_t>(2, std::ssize(c.inputs))},
             c.constants};
         return inferConv(pair);
     },
     evaluateConvInteger},
    {"", "ConvTranspose", 1, inferConvTranspose, evaluateConvTranspose},
};

} // namespace

std::span<const OperatorDefinition> convolutionOperators() { return kConvolutionOperators; }

} // namespace core::ops
