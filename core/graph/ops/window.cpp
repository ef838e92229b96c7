#include "core/graph/ops/window.h"

#include "core/base/checked.h"
#include "core/graph/ops/infer.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::ops {

namespace {

/// Kernels count steps in 32 bits.
void requireModest(const Node& node, std::string_view key, const std::vector<std::int64_t>& values)
{
    for (const std::int64_t value : values) {
        if (value > INT32_MAX || value < -INT32_MAX) {
            fail(node, fmt::format("{} of {}: {} is beyond 32 bits", key, node.type, value),
                 ErrorKind::InvalidModel);
        }
    }
}

/// The attribute as one number per spatial axis, right-aligned.
Extent3 alongAxes(const Node& node, std::string_view key, std::size_t rank, std::int64_t fallback)
{
    Extent3 result{fallback, fallback, fallback};
    const auto values = node.integers(key);
    if (values.empty()) {
        return result;
    }
    if (values.size() != rank) {
        fail(node, fmt::format("attribute {} has {} numbers for {} spatial axes", key, values.size(), rank),
             ErrorKind::InvalidModel);
    }
    requireModest(node, key, values);
    std::copy(values.begin(), values.end(), result.begin() + static_cast<std::ptrdiff_t>(3 - rank));
    return result;
}

Window commonWindow(const Node& node, const Shape& srcShape, const Shape& kernel)
{
    const std::size_t rank = srcShape.size() - 2;
    if (rank > 3) {
        fail(node, fmt::format("{} on shape {}: more than 3 spatial axes", node.type, toString(srcShape)),
             ErrorKind::UnsupportedOperator);
    }
    if (kernel.size() != rank) {
        fail(node,
             fmt::format("the kernel has {} spatial axes, src {} has {}", kernel.size(), toString(srcShape),
                         rank));
    }
    const auto shift = static_cast<std::ptrdiff_t>(3 - rank);
    Window window;
    window.spatialRank = rank;
    requireModest(node, "kernel", kernel);
    std::copy(kernel.begin(), kernel.end(), window.kernel.begin() + shift);
    std::copy(srcShape.begin() + 2, srcShape.end(), window.src.begin() + shift);
    window.stride = alongAxes(node, "strides", rank, 1);
    window.dilation = alongAxes(node, "dilations", rank, 1);
    const auto positive = [](std::int64_t v) { return v > 0; };
    if (!std::ranges::all_of(window.kernel, positive) || !std::ranges::all_of(window.stride, positive)
        || !std::ranges::all_of(window.dilation, positive)) {
        fail(node, "kernel, strides and dilations must be positive", ErrorKind::InvalidModel);
    }
    const auto pads = node.integers("pads");
    if (!pads.empty()) {
        if (pads.size() != 2 * rank) {
            fail(node, fmt::format("attribute pads has {} numbers for {} spatial axes", pads.size(), rank),
                 ErrorKind::InvalidModel);
        }
        requireModest(node, "pads", pads);
        std::copy_n(pads.begin(), rank, window.padBegin.begin() + shift);
        std::copy_n(pads.begin() + static_cast<std::ptrdiff_t>(rank), rank, window.padEnd.begin() + shift);
    }
    return window;
}

std::int64_t ceilDivided(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

} // namespace

Window windowOf(const Node& node, const Shape& srcShape, const Shape& kernel)
{
    Window w = commonWindow(node, srcShape, kernel);
    const std::string autoPad = node.text("auto_pad", "NOTSET");
    const bool isCeil = node.integer("ceil_mode", 0) != 0;
    for (std::size_t a = 3 - w.spatialRank; a < 3; ++a) {
        const std::int64_t reach = (w.kernel[a] - 1) * w.dilation[a] + 1;
        if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
            w.dst[a] = ceilDivided(w.src[a], w.stride[a]);
            const std::int64_t total =
                std::max<std::int64_t>(0, (w.dst[a] - 1) * w.stride[a] + reach - w.src[a]);
            w.padBegin[a] = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
            w.padEnd[a] = total - w.padBegin[a];
            continue;
        }
        if (autoPad == "VALID") {
            w.padBegin[a] = w.padEnd[a] = 0;
        }
        const std::int64_t room = w.src[a] + w.padBegin[a] + w.padEnd[a] - reach;
        if (room < 0) {
            fail(node,
                 fmt::format("the kernel reaches over {} positions, padded src {} has {}", reach,
                             toString(srcShape), room + reach));
        }
        w.dst[a] = (isCeil ? ceilDivided(room, w.stride[a]) : room / w.stride[a]) + 1;
        // A window that would start in the padding behind src is left out (as from opset 22 on, and by every
        // runtime).
        if (isCeil && (w.dst[a] - 1) * w.stride[a] >= w.src[a] + w.padBegin[a]) {
            --w.dst[a];
        }
    }
    return w;
}

Window transposedWindowOf(const Node& node, const Shape& srcShape, const Shape& kernel)
{
    Window w = commonWindow(node, srcShape, kernel);
    const std::string autoPad = node.text("auto_pad", "NOTSET");
    const Extent3 extra = alongAxes(node, "output_padding", w.spatialRank, 0);
    auto wanted = node.integers("output_shape");
    if (wanted.size() == w.spatialRank + 2) {
        wanted.erase(wanted.begin(), wanted.begin() + 2); // some exporters write N and C as well
    }
    requireModest(node, "output_shape", wanted);
    if (!wanted.empty() && wanted.size() != w.spatialRank) {
        fail(node, "attribute output_shape does not have one number per spatial axis",
             ErrorKind::InvalidModel);
    }
    const bool isSame = autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
    for (std::size_t a = 3 - w.spatialRank; a < 3; ++a) {
        const std::int64_t reach = (w.kernel[a] - 1) * w.dilation[a] + 1;
        const std::int64_t whole = ((Checked(w.src[a]) - 1) * w.stride[a] + reach + extra[a]).value();
        if (wanted.empty() && !isSame) {
            if (autoPad == "VALID") {
                w.padBegin[a] = w.padEnd[a] = 0;
            }
            w.dst[a] = (Checked(whole) - w.padBegin[a] - w.padEnd[a]).value();
        } else {
            w.dst[a] =
                wanted.empty() ? (Checked(w.src[a]) * w.stride[a]).value() : wanted[a - (3 - w.spatialRank)];
            const std::int64_t total = std::max<std::int64_t>(0, (Checked(whole) - w.dst[a]).value());
            w.padBegin[a] = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
            w.padEnd[a] = total - w.padBegin[a];
        }
        if (w.dst[a] < 1) {
            fail(node, fmt::format("nothing is left of src {} after padding", toString(srcShape)));
        }
    }
    return w;
}

Shape shapeOf(const Window& window, std::int64_t batch, std::int64_t channels)
{
    Shape shape{batch, channels};
    shape.insert(shape.end(), window.dst.begin() + static_cast<std::ptrdiff_t>(3 - window.spatialRank),
                 window.dst.end());
    return shape;
}

Range validPositions(const Window& window, std::size_t axis, std::int64_t k)
{
    // src position = o·stride + k·dilation − padBegin must lie in [0, src).
    const std::int64_t shift = k * window.dilation[axis] - window.padBegin[axis];
    const std::int64_t stride = window.stride[axis];
    const std::int64_t first = shift >= 0 ? 0 : ceilDivided(-shift, stride);
    const std::int64_t room = window.src[axis] - 1 - shift;
    const std::int64_t last = room < 0 ? 0 : std::min(window.dst[axis], room / stride + 1);
    return {std::min(first, std::max(first, last)), std::max(first, last)};
}

} // namespace core::ops
