#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"
#include "core/graph/ops/window.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;
using Sizes = std::vector<std::int64_t>;

/// What Col2Im puts together: the picture, the block, and how many blocks fit along each axis.
struct Blocks
{
    Sizes image;
    Sizes block;
    Sizes dilation;
    Sizes stride;
    Sizes padBegin;
    Sizes count;
    Shape shape;
};

Sizes attributeOr(const Node& node, std::string_view name, std::size_t count, std::int64_t fallback)
{
    Sizes values = node.integers(name);
    if (values.empty()) {
        values.assign(count, fallback);
    }
    if (values.size() != count) {
        fail(node, fmt::format("{} has {} numbers, {} are expected", name, values.size(), count));
    }
    return values;
}

Blocks blocksOf(const Node& node, const Shape& src, Sizes image, Sizes block)
{
    const std::size_t axes = image.size();
    Blocks b;
    b.image = std::move(image);
    b.block = std::move(block);
    const std::int64_t size = elementCount(b.block);
    if (src.size() != 3 || axes == 0 || b.block.size() != axes || size < 1 || src[1] % size != 0) {
        fail(node,
             fmt::format("src {} does not hold blocks {} of an image {}", toString(src), toString(b.block),
                         toString(b.image)));
    }
    b.dilation = attributeOr(node, "dilations", axes, 1);
    b.stride = attributeOr(node, "strides", axes, 1);
    const Sizes pads = attributeOr(node, "pads", 2 * axes, 0);
    std::int64_t places = 1;
    for (std::size_t a = 0; a < axes; ++a) {
        if (b.stride[a] < 1 || b.dilation[a] < 1 || pads[a] < 0 || pads[a + axes] < 0) {
            fail(node, "strides and dilations must be positive, pads not negative");
        }
        b.padBegin.push_back(pads[a]);
        const std::int64_t room =
            b.image[a] + pads[a] + pads[a + axes] - b.dilation[a] * (b.block[a] - 1) - 1;
        b.count.push_back(room < 0 ? 0 : room / b.stride[a] + 1);
        places *= b.count.back();
    }
    if (places != src[2]) {
        fail(node, fmt::format("src {} has {} columns, {} blocks fit", toString(src), src[2], places));
    }
    b.shape = {src[0], src[1] / size};
    b.shape.insert(b.shape.end(), b.image.begin(), b.image.end());
    return b;
}

std::vector<ValueInfo> inferCol2Im(const InferContext& c)
{
    requireInputs(c, 3);
    if (!c.constants[1] || !c.constants[2]) {
        const Shape& axes = c.inputs[1].shape;
        const std::size_t count = axes.size() == 1 && axes[0] > 0 ? static_cast<std::size_t>(axes[0]) : 2;
        return {{c.inputs[0].type, Shape(2 + count, kDynamic)}};
    }
    return {{c.inputs[0].type,
             blocksOf(c.node, c.inputs[0].shape, core::integersOf(*c.constants[1]),
                      core::integersOf(*c.constants[2]))
                 .shape}};
}

/// Row k of a channel holds element k of every block; where blocks overlap their elements add up.
Outputs evaluateCol2Im(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Blocks b = blocksOf(node, src, core::integersOf(in[1]), core::integersOf(in[2]));
    const auto values = doublesOf(in[0]);
    const std::int64_t size = elementCount(b.block);
    const std::int64_t plane = elementCount(b.image);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(b.shape)));
    for (std::int64_t row = 0; row < src[0] * src[1]; ++row) {
        for (std::int64_t place = 0; place < src[2]; ++place) {
            std::int64_t index = 0;
            std::int64_t scale = 1;
            std::int64_t element = row % size;
            std::int64_t where = place;
            bool isInside = true;
            for (std::size_t a = b.image.size(); a-- > 0;) {
                const std::int64_t at =
                    where % b.count[a] * b.stride[a] - b.padBegin[a] + element % b.block[a] * b.dilation[a];
                isInside = isInside && at >= 0 && at < b.image[a];
                index += at * scale;
                scale *= b.image[a];
                element /= b.block[a];
                where /= b.count[a];
            }
            if (isInside) {
                dst[static_cast<std::size_t>(row / size * plane + index)] +=
                    values[static_cast<std::size_t>(row * src[2] + place)];
            }
        }
    }
    return {castTo(makeTensor<double>(b.shape, dst), in[0].type())};
}

Window deformedWindow(const Node& node, const Shape& src, const Shape& weights, const Shape& offset,
                      const Shape& mask)
{
    if (src.size() != 4 || weights.size() != 4) {
        fail(node, fmt::format("src {} and weights {} are not of pictures", toString(src), toString(weights)),
             ErrorKind::UnsupportedOperator);
    }
    const std::int64_t groups = node.integer("group", 1);
    const std::int64_t offsetGroups = node.integer("offset_group", 1);
    if (groups < 1 || offsetGroups < 1 || weights[1] * groups != src[1] || weights[0] % groups != 0
        || src[1] % offsetGroups != 0) {
        fail(node,
             fmt::format("weights {} in {} groups and {} groups of offsets do not fit src {}",
                         toString(weights), groups, offsetGroups, toString(src)));
    }
    const Window w = windowOf(node, src, {weights[2], weights[3]});
    const std::int64_t taps = weights[2] * weights[3] * offsetGroups;
    if (offset != Shape{src[0], 2 * taps, w.dst[1], w.dst[2]}
        || (!mask.empty() && mask != Shape{src[0], taps, w.dst[1], w.dst[2]})) {
        fail(node,
             fmt::format("offsets {} and mask {} do not move {} taps over {}x{} positions", toString(offset),
                         toString(mask), taps, w.dst[1], w.dst[2]));
    }
    return w;
}

std::vector<ValueInfo> inferDeformConv(const InferContext& c)
{
    requireInputs(c, 3);
    const Shape mask = hasInput(c, 4) ? c.inputs[4].shape : Shape{};
    const Window w = deformedWindow(c.node, c.inputs[0].shape, c.inputs[1].shape, c.inputs[2].shape, mask);
    return {{c.inputs[0].type, shapeOf(w, c.inputs[0].shape[0], c.inputs[1].shape[0])}};
}

/// Bilinear, zero outside.
double valueAt(const double* plane, std::int64_t height, std::int64_t width, double y, double x)
{
    if (!(y > -1.0 && x > -1.0 && y < static_cast<double>(height) && x < static_cast<double>(width))) {
        return 0.0;
    }
    const auto top = static_cast<std::int64_t>(std::floor(y));
    const auto left = static_cast<std::int64_t>(std::floor(x));
    double sum = 0.0;
    for (std::int64_t r = top; r < top + 2; ++r) {
        for (std::int64_t q = left; q < left + 2; ++q) {
            if (r >= 0 && r < height && q >= 0 && q < width) {
                const double weight = (1.0 - std::abs(y - static_cast<double>(r)))
                    * (1.0 - std::abs(x - static_cast<double>(q)));
                sum += weight * plane[r * width + q];
            }
        }
    }
    return sum;
}

/// A convolution each of whose taps reads beside its place by an offset, times a mask. Offsets are pairs y,
/// x.
Outputs evaluateDeformConv(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Shape& weights = in[1].shape();
    const bool hasMask = hasInput(in, 4);
    const Window w = deformedWindow(node, src, weights, in[2].shape(), hasMask ? in[4].shape() : Shape{});
    const auto x = doublesOf(in[0]);
    const auto kernel = doublesOf(in[1]);
    const auto offset = doublesOf(in[2]);
    const auto bias = hasInput(in, 3) ? doublesOf(in[3]) : std::vector<double>{};
    const auto mask = hasMask ? doublesOf(in[4]) : std::vector<double>{};
    const std::int64_t taps = weights[2] * weights[3];
    const std::int64_t offsetGroups = node.integer("offset_group", 1);
    const std::int64_t perOffsetGroup = src[1] / offsetGroups;
    const std::int64_t perGroup = weights[0] / node.integer("group", 1);
    const std::int64_t places = w.dst[1] * w.dst[2];
    const Shape shape = shapeOf(w, src[0], weights[0]);
    std::vector<double> dst;
    dst.reserve(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t n = 0; n < src[0]; ++n) {
        for (std::int64_t o = 0; o < weights[0]; ++o) {
            for (std::int64_t place = 0; place < places; ++place) {
                double sum = bias.empty() ? 0.0 : bias[static_cast<std::size_t>(o)];
                for (std::int64_t i = 0; i < weights[1]; ++i) {
                    const std::int64_t channel = o / perGroup * weights[1] + i;
                    const double* plane = x.data() + (n * src[1] + channel) * src[2] * src[3];
                    for (std::int64_t t = 0; t < taps; ++t) {
                        const std::int64_t tap = (n * offsetGroups + channel / perOffsetGroup) * taps + t;
                        const double* moved = offset.data() + 2 * tap * places + place;
                        const double y = static_cast<double>(place / w.dst[2] * w.stride[1] - w.padBegin[1]
                                                             + t / weights[3] * w.dilation[1])
                            + moved[0];
                        const double at = static_cast<double>(place % w.dst[2] * w.stride[2] - w.padBegin[2]
                                                              + t % weights[3] * w.dilation[2])
                            + moved[places];
                        const double share =
                            hasMask ? mask[static_cast<std::size_t>(tap * places + place)] : 1.0;
                        sum += share * valueAt(plane, src[2], src[3], y, at)
                            * kernel[static_cast<std::size_t>((o * weights[1] + i) * taps + t)];
                    }
                }
                dst.push_back(sum);
            }
        }
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

constexpr OperatorDefinition kDeformedOperators[] = {
    {"", "Col2Im", 18, inferCol2Im, evaluateCol2Im},
    {"", "DeformConv", 19, inferDeformConv, evaluateDeformConv},
};

} // namespace

std::span<const OperatorDefinition> deformedOperators() { return kDeformedOperators; }

} // namespace core::ops
