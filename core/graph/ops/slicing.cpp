#include "core/base/checked.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

struct SliceArguments
{
    Integers starts;
    Integers ends;
    Integers axes;
    Integers steps;
};

/// Attributes up to opset 9, inputs since.
template <typename... Source>
SliceArguments sliceArguments(const Source&... source)
{
    return {integersOf(source..., "starts", 1), integersOf(source..., "ends", 2),
            integersOf(source..., "axes", 3), integersOf(source..., "steps", 4)};
}

struct Cut
{
    Shape shape;
    Shape strides;
    std::int64_t offset = 0;
};

Cut cutOf(const Node& node, const Shape& src, const SliceArguments& arguments)
{
    if (!arguments.starts.values || !arguments.ends.values) {
        fail(node, "starts or ends are missing", ErrorKind::InvalidModel);
    }
    const auto& starts = *arguments.starts.values;
    const auto& ends = *arguments.ends.values;
    std::vector<std::int64_t> all(starts.size());
    std::iota(all.begin(), all.end(), 0);
    const auto axes = normalizedAxes(node, arguments.axes.values.value_or(all), src.size());
    const auto steps = arguments.steps.values.value_or(std::vector<std::int64_t>(starts.size(), 1));
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
        fail(node, "starts, ends, axes and steps have different lengths", ErrorKind::InvalidModel);
    }
    Cut cut{src, rowMajorStrides(src), 0};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        const std::int64_t size = src[axis];
        const std::int64_t step = steps[i];
        if (step == 0) {
            fail(node, "a step is 0", ErrorKind::InvalidModel);
        }
        const std::int64_t lowest = step > 0 ? 0 : -1;
        const std::int64_t highest = step > 0 ? size : size - 1;
        const auto clamped = [&](std::int64_t at) {
            return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, lowest,
                              std::max(lowest, highest));
        };
        const std::int64_t first = clamped(starts[i]);
        const std::int64_t last = clamped(ends[i]);
        const std::int64_t distance = step > 0 ? last - first : first - last;
        const std::int64_t pace = step == INT64_MIN ? INT64_MAX : std::abs(step);
        cut.shape[axis] = distance <= 0 ? 0 : (distance - 1) / pace + 1;
        if (cut.shape[axis] > 0) {
            cut.offset += first * cut.strides[axis];
        }
        cut.strides[axis] *= cut.shape[axis] > 1 ? step : 1;
    }
    return cut;
}

std::vector<ValueInfo> inferSlice(const InferContext& c)
{
    requireInputs(c, 1);
    const ValueInfo& src = c.inputs[0];
    const SliceArguments a = sliceArguments(c);
    if (a.starts.isUnknown() || a.ends.isUnknown() || a.axes.isUnknown() || a.steps.isUnknown()) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, cutOf(c.node, src.shape, a).shape}};
}

Outputs evaluateSlice(const Node& node, Inputs in)
{
    const Cut cut = cutOf(node, in[0].shape(), sliceArguments(node, in));
    return {stridedCopy(in[0], cut.shape, cut.strides, cut.offset)};
}

struct Padding
{
    std::vector<std::int64_t> begin;
    std::vector<std::int64_t> end;
    Shape shape;
};

/// pads is an attribute up to opset 10, an input since; axes came with opset 18.
Padding paddingOf(const Node& node, const Shape& src, const Integers& pads, const Integers& givenAxes)
{
    std::vector<std::int64_t> axes(src.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (givenAxes.values) {
        axes = normalizedAxes(node, *givenAxes.values, src.size());
    }
    if (!pads.values || pads.values->size() != 2 * axes.size()) {
        fail(node, fmt::format("{} pads for {} axes", pads.count, axes.size()), ErrorKind::InvalidModel);
    }
    Padding result{std::vector<std::int64_t>(src.size()), std::vector<std::int64_t>(src.size()), src};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        result.begin[axis] = (*pads.values)[i];
        result.end[axis] = (*pads.values)[i + axes.size()];
        result.shape[axis] = (Checked(src[axis]) + result.begin[axis] + result.end[axis]).value();
        static_cast<void>(Checked(src[axis]) - result.begin[axis]); // positions are counted from there
        if (result.shape[axis] < 0) {
            fail(node, fmt::format("negative pads leave nothing of src {}", toString(src)));
        }
    }
    return result;
}

std::vector<ValueInfo> inferPad(const InferContext& c)
{
    requireInputs(c, 1);
    const ValueInfo& src = c.inputs[0];
    const Integers pads = integersOf(c, "pads", 1);
    const Integers axes = integersOf(c, "axes", 3);
    if (pads.isUnknown() || axes.isUnknown()) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, paddingOf(c.node, src.shape, pads, axes).shape}};
}

/// The position of src that position i of the padded axis shows; −1 for the constant.
std::int64_t mirrored(std::string_view mode, std::int64_t i, std::int64_t size)
{
    if (i >= 0 && i < size) {
        return i;
    }
    if (mode == "edge") {
        return std::clamp<std::int64_t>(i, 0, size - 1);
    }
    if (mode == "wrap") {
        return (i % size + size) % size;
    }
    if (mode == "reflect") {
        const std::int64_t period = std::max<std::int64_t>(1, 2 * (size - 1));
        const std::int64_t at = (i % period + period) % period;
        return at < size ? at : period - at;
    }
    return -1;
}

/// One axis after another: a table of where each of its positions comes from.
Tensor padded(const Tensor& tensor, const Padding& padding, std::string_view mode, const Tensor& fill)
{
    Tensor current = tensor;
    for (std::size_t axis = 0; axis < tensor.rank(); ++axis) {
        if (padding.begin[axis] == 0 && padding.end[axis] == 0) {
            continue;
        }
        Shape shape = current.shape();
        const std::int64_t size = shape[axis];
        shape[axis] = padding.shape[axis];
        const std::int64_t outer = extent(shape, 0, axis);
        const std::int64_t inner = extent(shape, axis + 1, shape.size());
        TensorBuilder builder(current.type(), shape);
        visitSize(current.type(), [&]<typename U>(std::type_identity<U>) {
            const auto from = bitsOf<U>(current);
            const U constant = bitsOf<U>(fill)[0];
            U* to = bitsOf<U>(builder).data();
            for (std::int64_t o = 0; o < outer; ++o) {
                for (std::int64_t i = 0; i < shape[axis]; ++i, to += inner) {
                    const std::int64_t at = mirrored(mode, i - padding.begin[axis], size);
                    if (at < 0) {
                        std::fill_n(to, inner, constant);
                    } else {
                        std::copy_n(from.data() + (o * size + at) * inner, inner, to);
                    }
                }
            }
        });
        current = std::move(builder).finish();
    }
    return current;
}

Outputs evaluatePad(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Padding padding =
        paddingOf(node, src, integersOf(node, in, "pads", 1), integersOf(node, in, "axes", 3));
    const std::string mode = node.text("mode", "constant");
    if (mode != "constant" && in[0].count() == 0) {
        fail(node, fmt::format("mode {} has nothing to repeat", mode));
    }
    const float value = node.real("value", 0.0f); // an attribute up to opset 10
    const Tensor fill =
        hasInput(in, 2) ? in[2] : castTo(makeTensor<float>({}, std::vector<float>{value}), in[0].type());
    if (fill.type() != in[0].type() || fill.count() != 1) {
        fail(node, "the padding value is not one element of src's type", ErrorKind::InvalidModel);
    }
    return {padded(in[0], padding, mode, fill)};
}

/// What is missing is zero on both sides, what is too much goes on both sides; of an odd number the larger
/// half at the end.
Padding centring(const Node& node, const Shape& src, const Integers& target)
{
    std::vector<std::int64_t> axes = node.integers("axes");
    if (node.find("axes") == nullptr) {
        axes.resize(src.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    axes = normalizedAxes(node, axes, src.size());
    if (!target.values || target.values->size() != axes.size()) {
        fail(node, fmt::format("a shape of {} numbers for {} axes", target.count, axes.size()),
             ErrorKind::InvalidModel);
    }
    Padding result{std::vector<std::int64_t>(src.size()), std::vector<std::int64_t>(src.size()), src};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        const std::int64_t wanted = (*target.values)[i];
        if (wanted < 0) {
            fail(node, fmt::format("a shape of {} elements", wanted), ErrorKind::InvalidModel);
        }
        const std::int64_t more = wanted - src[axis];
        result.begin[axis] = more / 2; // toward zero on either side
        result.end[axis] = more - result.begin[axis];
        result.shape[axis] = wanted;
    }
    return result;
}

std::vector<ValueInfo> inferCenterCropPad(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = c.inputs[0];
    const Integers target = integersOf(c, "", 1);
    if (target.isUnknown()) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, centring(c.node, src.shape, target).shape}};
}

Outputs evaluateCenterCropPad(const Node& node, Inputs in)
{
    const Padding padding = centring(node, in[0].shape(), integersOf(node, in, "", 1));
    return {padded(in[0], padding, "constant", zeros(in[0].type(), {}))};
}

constexpr OperatorDefinition kSlicingOperators[] = {
    {"", "CenterCropPad", 18, inferCenterCropPad, evaluateCenterCropPad},
    {"", "Slice", 1, inferSlice, evaluateSlice},
    {"", "Pad", 2, inferPad, evaluatePad},
};

} // namespace

std::span<const OperatorDefinition> slicingOperators() { return kSlicingOperators; }

} // namespace core::ops
