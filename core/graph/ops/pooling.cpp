#include "core/base/checked.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"
#include "core/graph/ops/window.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// The kernel elements at output position `at` that read at src positions [0, end).
Range tapsBelow(const Window& w, std::size_t axis, std::int64_t at, std::int64_t end)
{
    const std::int64_t start = at * w.stride[axis] - w.padBegin[axis]; // of element 0
    const std::int64_t step = w.dilation[axis];
    const std::int64_t first = start >= 0 ? 0 : (step - 1 - start) / step;
    const std::int64_t last = end <= start ? 0 : std::min(w.kernel[axis], (end - 1 - start) / step + 1);
    return {std::min(first, last), last};
}

/// For every output position o of one plane: begin(o), element(i) for each src index i under the kernel,
/// end(o, number of kernel elements in the padding).
template <typename Begin, typename Element, typename End>
void slide(const Window& w, Begin begin, Element element, End end)
{
    for (std::int64_t o = 0; o < countOf(w.dst); ++o) {
        const Extent3 at{o / (w.dst[1] * w.dst[2]), o / w.dst[2] % w.dst[1], o % w.dst[2]};
        begin(o);
        std::array<Range, 3> taps;
        std::int64_t inside = 1;
        std::int64_t all = 1; // with explicit padding, but without what ceil_mode reaches beyond it
        for (std::size_t a = 0; a < 3; ++a) {
            taps[a] = tapsBelow(w, a, at[a], w.src[a]);
            inside *= taps[a].last - taps[a].first;
            all *= tapsBelow(w, a, at[a], w.src[a] + w.padEnd[a]).last;
        }
        const auto from = [&](std::size_t a, std::int64_t tap) {
            return at[a] * w.stride[a] + tap * w.dilation[a] - w.padBegin[a];
        };
        for (std::int64_t z = taps[0].first; z < taps[0].last; ++z) {
            for (std::int64_t y = taps[1].first; y < taps[1].last; ++y) {
                const std::int64_t row = (from(0, z) * w.src[1] + from(1, y)) * w.src[2];
                for (std::int64_t x = taps[2].first; x < taps[2].last; ++x) {
                    element(row + from(2, x));
                }
            }
        }
        end(o, all - inside);
    }
}

Window poolWindow(const Node& node, const Shape& src)
{
    const auto kernel = node.integers("kernel_shape");
    if (src.size() < 3) {
        fail(node, fmt::format("{} needs spatial axes, src is {}", node.type, toString(src)));
    }
    return windowOf(node, src, kernel);
}

std::vector<ValueInfo> inferPool(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 3);
    const Shape shape = shapeOf(poolWindow(c.node, src.shape), src.shape[0], src.shape[1]);
    if (c.node.hasOutput(1)) {
        return {{src.type, shape}, {DataType::Int64, shape}};
    }
    return {{src.type, shape}};
}

/// The position of src[n, c, i] in the whole tensor when storage_order says that the last spatial axes are
/// swapped.
std::int64_t columnMajorIndex(const Window& w, std::int64_t index)
{
    const std::int64_t x = index % w.src[2];
    const std::int64_t y = index / w.src[2] % w.src[1];
    const std::int64_t z = index / (w.src[1] * w.src[2]);
    return (x * w.src[1] + y) * w.src[0] + z;
}

Outputs evaluateMaxPool(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Window w = poolWindow(node, src);
    const Shape shape = shapeOf(w, src[0], src[1]);
    const bool isColumnMajor = node.integer("storage_order", 0) != 0;
    TensorBuilder values(in[0].type(), shape);
    TensorBuilder indices(DataType::Int64, shape);
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        for (std::int64_t p = 0; p < src[0] * src[1]; ++p) {
            const T* plane = in[0].as<T>().data() + p * countOf(w.src);
            T* dst = values.as<T>().data() + p * countOf(w.dst);
            std::int64_t* where = indices.as<std::int64_t>().data() + p * countOf(w.dst);
            std::int64_t best = -1;
            slide(
                w, [&](std::int64_t) { best = -1; },
                [&](std::int64_t i) {
                    // The first NaN of a window is its largest value: it must not be lost.
                    const auto value = static_cast<double>(widened(plane[i]));
                    const double most = best < 0 ? 0.0 : static_cast<double>(widened(plane[best]));
                    if (best < 0 || value > most || (std::isnan(value) && !std::isnan(most))) {
                        best = i;
                    }
                },
                [&](std::int64_t o, std::int64_t) {
                    using Limits = std::numeric_limits<decltype(widened(T{}))>;
                    dst[o] = best < 0 ? narrowed<T>(Limits::lowest()) : plane[best];
                    where[o] = p * countOf(w.src) + (isColumnMajor ? columnMajorIndex(w, best) : best);
                });
        }
    });
    Outputs result{std::move(values).finish()};
    if (node.hasOutput(1)) {
        result.push_back(std::move(indices).finish());
    }
    return result;
}

Outputs evaluateAveragePool(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Window w = poolWindow(node, src);
    const Shape shape = shapeOf(w, src[0], src[1]);
    const bool countsPadding = node.integer("count_include_pad", 0) != 0;
    TensorBuilder builder(in[0].type(), shape);
    visitReal(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        for (std::int64_t p = 0; p < src[0] * src[1]; ++p) {
            const T* plane = in[0].as<T>().data() + p * countOf(w.src);
            T* dst = builder.as<T>().data() + p * countOf(w.dst);
            double sum = 0.0;
            std::int64_t count = 0;
            slide(
                w, [&](std::int64_t) { sum = 0.0, count = 0; },
                [&](std::int64_t i) {
                    sum += static_cast<double>(widened(plane[i]));
                    ++count;
                },
                [&](std::int64_t o, std::int64_t padding) {
                    count += countsPadding ? padding : 0;
                    dst[o] = narrowed<T>(count > 0 ? sum / static_cast<double>(count) : 0.0);
                });
        }
    });
    return {std::move(builder).finish()};
}

Outputs evaluateLpPool(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Window w = poolWindow(node, src);
    const auto p = static_cast<double>(node.integer("p", 2));
    const auto values = doublesOf(in[0]);
    const Shape shape = shapeOf(w, src[0], src[1]);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t c = 0; c < src[0] * src[1]; ++c) {
        const double* plane = values.data() + c * countOf(w.src);
        double sum = 0.0;
        slide(
            w, [&](std::int64_t) { sum = 0.0; },
            [&](std::int64_t i) { sum += std::pow(std::abs(plane[i]), p); },
            [&](std::int64_t o, std::int64_t) {
                dst[static_cast<std::size_t>(c * countOf(w.dst) + o)] = std::pow(sum, 1.0 / p);
            });
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

std::vector<ValueInfo> inferGlobal(const InferContext& c)
{
    ValueInfo info = inputOfRank(c, 0, 2);
    std::fill(info.shape.begin() + 2, info.shape.end(), 1);
    return {info};
}

/// One number per plane of src.
template <typename F>
Outputs overPlanes(const Tensor& src, F f)
{
    Shape shape = src.shape();
    const std::int64_t plane = extent(shape, 2, shape.size());
    std::fill(shape.begin() + 2, shape.end(), 1);
    const auto values = doublesOf(src);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t p = 0; p < dst.size(); ++p) {
        dst[p] = f(
            std::span(values).subspan(p * static_cast<std::size_t>(plane), static_cast<std::size_t>(plane)));
    }
    return {castTo(makeTensor<double>(shape, dst), src.type())};
}

/// NaN where one is.
double largest(std::span<const double> values)
{
    double most = values.empty() ? 0.0 : values[0];
    for (const double value : values) {
        most = value > most || std::isnan(value) ? value : most;
    }
    return most;
}

double mean(std::span<const double> values)
{
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

Outputs evaluateGlobalLpPool(const Node& node, Inputs in)
{
    const auto p = static_cast<double>(node.integer("p", 2));
    return overPlanes(in[0], [=](std::span<const double> values) {
        double sum = 0.0;
        for (const double value : values) {
            sum += std::pow(std::abs(value), p);
        }
        return std::pow(sum, 1.0 / p);
    });
}

Shape unpooledShape(const Node& node, const Shape& src, const std::vector<std::int64_t>& wanted)
{
    if (!wanted.empty()) {
        return wanted;
    }
    const auto kernel = node.integers("kernel_shape");
    const auto strides = node.integers("strides", std::vector<std::int64_t>(kernel.size(), 1));
    const auto pads = node.integers("pads", std::vector<std::int64_t>(2 * kernel.size(), 0));
    if (src.size() != kernel.size() + 2 || strides.size() != kernel.size()
        || pads.size() != 2 * kernel.size()) {
        fail(node, "kernel_shape, strides or pads do not have one number per spatial axis",
             ErrorKind::InvalidModel);
    }
    Shape shape{src[0], src[1]};
    for (std::size_t a = 0; a < kernel.size(); ++a) {
        shape.push_back(
            ((Checked(src[a + 2]) - 1) * strides[a] + kernel[a] - pads[a] - pads[a + kernel.size()]).value());
    }
    if (std::any_of(shape.begin() + 2, shape.end(), [](std::int64_t d) { return d < 1; })) {
        fail(node, fmt::format("nothing is left of src {} after padding", toString(src)));
    }
    return shape;
}

std::vector<ValueInfo> inferMaxUnpool(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = inputOfRank(c, 0, 3);
    if (c.inputs[1].shape != src.shape) {
        fail(c.node,
             fmt::format("indices {} do not fit src {}", toString(c.inputs[1].shape), toString(src.shape)));
    }
    const Integers wanted = integersOf(c, "", 2);
    if (wanted.isUnknown()) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, unpooledShape(c.node, src.shape, wanted.values.value_or(Shape{}))}};
}

/// The indices count positions of the tensor that kernel, strides and pads alone would give (ONNX); where
/// they go beyond it they can only mean those of the output itself, as MaxPool of a larger tensor wrote them.
Outputs evaluateMaxUnpool(const Node& node, Inputs in)
{
    const Shape pooled = unpooledShape(node, in[0].shape(), {});
    const Shape shape =
        hasInput(in, 2) ? unpooledShape(node, in[0].shape(), core::integersOf(in[2])) : pooled;
    const auto values = doublesOf(in[0]);
    const auto indices = core::integersOf(in[1]);
    const bool isOfOutput =
        std::ranges::any_of(indices, [&](std::int64_t index) { return index >= elementCount(pooled); });
    const Shape from = rowMajorStrides(isOfOutput ? shape : pooled);
    const Shape to = rowMajorStrides(shape);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (indices[i] < 0 || indices[i] >= elementCount(isOfOutput ? shape : pooled)) {
            fail(node, fmt::format("index {} is outside {}", indices[i], toString(shape)));
        }
        std::int64_t rest = indices[i];
        std::int64_t position = 0;
        for (std::size_t a = 0; a < shape.size(); ++a) {
            position += rest / from[a] * to[a];
            rest %= from[a];
        }
        if (position >= std::ssize(dst)) {
            fail(node, fmt::format("index {} is outside {}", indices[i], toString(shape)));
        }
        dst[static_cast<std::size_t>(position)] = values[i];
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

constexpr OperatorDefinition kPoolingOperators[] = {
    {"", "MaxPool", 1, inferPool, evaluateMaxPool},
    {"", "AveragePool", 1, inferPool, evaluateAveragePool},
    {"", "LpPool", 2, inferPool, evaluateLpPool},
    {"", "GlobalAveragePool", 1, inferGlobal, [](const Node&, Inputs in) { return overPlanes(in[0], mean); }},
    {"", "GlobalMaxPool", 1, inferGlobal, [](const Node&, Inputs in) { return overPlanes(in[0], largest); }},
    {"", "GlobalLpPool", 2, inferGlobal, evaluateGlobalLpPool},
    {"", "MaxUnpool", 9, inferMaxUnpool, evaluateMaxUnpool},
};

} // namespace

std::span<const OperatorDefinition> poolingOperators() { return kPoolingOperators; }

} // namespace core::ops
