#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/resize_taps.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// What Resize and Upsample were asked for, per axis of src.
struct Scaling
{
    Shape dst;
    std::vector<double> scales;
    std::vector<double> roiStart;
    std::vector<double> roiEnd;
};

/// Numbers that an input may give; none when absent or not known yet.
struct Numbers
{
    bool isPresent = false;
    std::optional<std::vector<double>> values;
};

Numbers numbersAt(const InferContext& c, std::size_t i)
{
    if (!hasInput(c, i) || elementCount(c.inputs[i].shape) == 0) {
        return {};
    }
    return {true, c.constants[i] ? std::optional(doublesOf(*c.constants[i])) : std::nullopt};
}

Numbers numbersAt(Inputs in, std::size_t i)
{
    if (!hasInput(in, i) || in[i].count() == 0) {
        return {};
    }
    return {true, doublesOf(in[i])};
}

/// Upsample: scales as attribute (7) or input 1 (9). Resize: input 1 (10), or roi, scales, sizes (11 and
/// later).
struct Request
{
    Numbers roi;
    Numbers scales;
    Numbers sizes;
};

template <typename Source>
Request requestOf(const Node& node, const Source& source)
{
    if (node.find("scales")) {
        const auto scales = node.reals("scales");
        return {{}, {true, std::vector<double>(scales.begin(), scales.end())}, {}};
    }
    if (node.type == "Upsample" || node.version < 11) {
        return {{}, numbersAt(source, 1), {}};
    }
    return {numbersAt(source, 1), numbersAt(source, 2), numbersAt(source, 3)};
}

void applySizes(const Node& node, const Shape& src, const std::vector<std::int64_t>& axes,
                const std::vector<double>& sizes, Scaling& s)
{
    const auto whole = [&](double size) {
        if (!(size >= 0.0 && size < 1e12)) {
            fail(node, fmt::format("size {} is out of range", size), ErrorKind::InvalidModel);
        }
        return static_cast<std::int64_t>(size);
    };
    const std::string policy = node.text("keep_aspect_ratio_policy", "stretch");
    double common = 0.0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto a = static_cast<std::size_t>(axes[i]);
        if (src[a] == 0) { // nothing to take numbers from
            if (sizes[i] != 0.0) {
                fail(node, fmt::format("src {} is empty", toString(src)));
            }
            continue;
        }
        if (!(sizes[i] >= 1.0 && sizes[i] < 1e12)) {
            fail(node, fmt::format("size {} is out of range", sizes[i]), ErrorKind::InvalidModel);
        }
        s.scales[a] = sizes[i] / static_cast<double>(src[a]);
        const bool isBetter = policy == "not_larger" ? s.scales[a] < common : s.scales[a] > common;
        common = common == 0.0 || isBetter ? s.scales[a] : common;
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto a = static_cast<std::size_t>(axes[i]);
        if (policy == "stretch") {
            s.dst[a] = static_cast<std::int64_t>(sizes[i]);
        } else {
            s.scales[a] = common;
            s.dst[a] = whole(std::floor(common * static_cast<double>(src[a]) + 0.5));
        }
    }
}

Scaling scalingOf(const Node& node, const Shape& src, const Request& request)
{
    std::vector<std::int64_t> axes(src.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (node.find("axes")) {
        axes = normalizedAxes(node, node.integers("axes"), src.size());
    }
    const bool isCropping = node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize";
    Scaling s{src, std::vector<double>(src.size(), 1.0), std::vector<double>(src.size(), 0.0),
              std::vector<double>(src.size(), 1.0)};
    if (isCropping) {
        if (!request.roi.values || request.roi.values->size() != 2 * axes.size()) {
            fail(node, "tf_crop_and_resize needs a roi with two numbers per axis", ErrorKind::InvalidModel);
        }
        for (std::size_t i = 0; i < axes.size(); ++i) {
            s.roiStart[static_cast<std::size_t>(axes[i])] = (*request.roi.values)[i];
            s.roiEnd[static_cast<std::size_t>(axes[i])] = (*request.roi.values)[i + axes.size()];
        }
    }
    const auto& given = request.sizes.values ? request.sizes.values : request.scales.values;
    if (!given || given->size() != axes.size()) {
        fail(node, fmt::format("{} scales or sizes for src {}", given ? given->size() : 0, toString(src)),
             ErrorKind::InvalidModel);
    }
    if (request.sizes.values) {
        applySizes(node, src, axes, *given, s);
        return s;
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto a = static_cast<std::size_t>(axes[i]);
        const double scale = (*given)[i];
        if (!(scale > 0.0) || !(scale * static_cast<double>(src[a]) < 1e12)) {
            fail(node, fmt::format("scale {} is out of range", scale), ErrorKind::InvalidModel);
        }
        s.scales[a] = scale;
        const double size = std::floor(static_cast<double>(src[a]) * (s.roiEnd[a] - s.roiStart[a]) * scale);
        if (!(size >= 0.0 && size < 1e12)) {
            fail(node, fmt::format("size {} is out of range", size), ErrorKind::InvalidModel);
        }
        s.dst[a] = static_cast<std::int64_t>(size);
    }
    return s;
}

std::vector<ValueInfo> inferResize(const InferContext& c)
{
    requireInputs(c, 1);
    const ValueInfo& src = c.inputs[0];
    const Request request = requestOf(c.node, c);
    const auto isUnknown = [](const Numbers& n) { return n.isPresent && !n.values; };
    if (isUnknown(request.scales) || isUnknown(request.sizes) || isUnknown(request.roi)) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, scalingOf(c.node, src.shape, request).dst}};
}

/// One output position as a weighted sum of positions of src; `isOutside` takes the extrapolation value.
struct Tap
{
    std::vector<std::pair<std::int64_t, double>> parts;
    bool isOutside = false;
};

class AxisSampler
{
public:
    AxisSampler(const Node& node, const Scaling& s, std::size_t axis, std::int64_t size)
        : m_size(size)
        , m_dst(s.dst[axis])
        , m_scale(s.scales[axis])
        , m_roiStart(s.roiStart[axis])
        , m_roiEnd(s.roiEnd[axis])
        , m_mode(node.text("mode", "nearest"))
        , m_nearest(node.text("nearest_mode", "round_prefer_floor"))
        , m_cubic(node.real("cubic_coeff_a", -0.75f))
        , m_excludesOutside(node.integer("exclude_outside", 0) != 0)
        , m_isAntialiased(node.integer("antialias", 0) != 0)
    {
        // Before opset 11 coordinates were divided by the scale and rounded down; up, where it makes smaller.
        const bool isOld = node.type == "Upsample" || node.version < 11;
        m_transform = node.text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel");
        if (isOld) {
            m_nearest = m_scale < 1.0 ? "ceil" : "floor";
        }
    }

    [[nodiscard]] Tap at(std::int64_t position) const
    {
        const double x = coordinate(static_cast<double>(position));
        if (m_transform == "tf_crop_and_resize" && (x < 0.0 || x > static_cast<double>(m_size - 1))) {
            return {{}, true};
        }
        if (m_mode == "nearest") {
            return {{{std::clamp<std::int64_t>(nearest(x), 0, m_size - 1), 1.0}}, false};
        }
        return {weighted(x), false};
    }

private:
    [[nodiscard]] double coordinate(double x) const
    {
        const auto size = static_cast<double>(m_size);
        const auto dst = static_cast<double>(m_dst);
        if (m_transform == "asymmetric") {
            return x / m_scale;
        }
        if (m_transform == "align_corners") {
            // ONNX's tests take the length before it is rounded down to whole positions.
            const double length = m_scale * size;
            return m_dst == 1 ? 0.0 : x * (size - 1.0) / (length - 1.0);
        }
        if (m_transform == "tf_crop_and_resize") {
            return m_dst == 1
                ? 0.5 * (m_roiStart + m_roiEnd) * (size - 1.0)
                : m_roiStart * (size - 1.0) + x * (m_roiEnd - m_roiStart) * (size - 1.0) / (dst - 1.0);
        }
        if (m_transform == "tf_half_pixel_for_nn") {
            return (x + 0.5) / m_scale;
        }
        if (m_transform == "pytorch_half_pixel" && m_dst == 1) {
            return 0.0;
        }
        if (m_transform == "half_pixel_symmetric") {
            const double adjustment = dst / (m_scale * size);
            return size / 2.0 * (1.0 - adjustment) + (x + 0.5) / m_scale - 0.5;
        }
        return (x + 0.5) / m_scale - 0.5;
    }

    [[nodiscard]] std::int64_t nearest(double x) const
    {
        double rounded = 0.0;
        if (m_nearest == "floor") {
            rounded = std::floor(x);
        } else if (m_nearest == "ceil") {
            rounded = std::ceil(x);
        } else if (m_nearest == "round_prefer_ceil") {
            rounded = std::floor(x + 0.5);
        } else {
            rounded = std::ceil(x - 0.5);
        }
        return static_cast<std::int64_t>(rounded);
    }

    /// The filter over the distance from the sample: triangle or cubic convolution.
    [[nodiscard]] double filter(double distance) const
    {
        const double d = std::abs(distance);
        if (m_mode == "linear") {
            return std::max(0.0, 1.0 - d);
        }
        const double a = m_cubic;
        if (d <= 1.0) {
            return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
        }
        return d < 2.0 ? ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a : 0.0;
    }

    [[nodiscard]] std::vector<std::pair<std::int64_t, double>> weighted(double x) const
    {
        // Antialiasing widens the filter by the factor of reduction.
        const double widening = m_isAntialiased && m_scale < 1.0 ? 1.0 / m_scale : 1.0;
        const double radius = (m_mode == "linear" ? 1.0 : 2.0) * widening;
        std::vector<std::pair<std::int64_t, double>> parts;
        double sum = 0.0;
        for (auto i = static_cast<std::int64_t>(std::ceil(x - radius)); static_cast<double>(i) <= x + radius;
             ++i) {
            const bool isOutside = i < 0 || i >= m_size;
            if (isOutside && m_excludesOutside) {
                continue;
            }
            const double weight = filter((x - static_cast<double>(i)) / widening);
            sum += weight;
            parts.emplace_back(std::clamp<std::int64_t>(i, 0, m_size - 1), weight);
        }
        for (auto& [index, weight] : parts) {
            weight /= sum;
        }
        return parts;
    }

    std::int64_t m_size;
    std::int64_t m_dst;
    double m_scale;
    double m_roiStart;
    double m_roiEnd;
    std::string m_mode;
    std::string m_nearest;
    std::string m_transform;
    double m_cubic;
    bool m_excludesOutside;
    bool m_isAntialiased;
};

/// The filters are separable: one axis after another, in double, rounded once at the end.
Outputs evaluateResize(const Node& node, Inputs in)
{
    const std::string mode = node.text("mode", "nearest");
    if (mode != "nearest" && mode != "linear" && mode != "cubic") {
        fail(node, fmt::format("mode {} is not known", mode), ErrorKind::UnsupportedOperator);
    }
    const Scaling s = scalingOf(node, in[0].shape(), requestOf(node, in));
    const double outside = node.real("extrapolation_value", 0.0f);
    Shape shape = in[0].shape();
    auto values = doublesOf(in[0]);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const std::int64_t size = shape[axis];
        const bool isCropping = s.roiStart[axis] != 0.0 || s.roiEnd[axis] != 1.0;
        if (s.dst[axis] == size && s.scales[axis] == 1.0 && !isCropping) {
            continue;
        }
        const AxisSampler sampler(node, s, axis, size);
        const std::int64_t outer = extent(shape, 0, axis);
        const std::int64_t inner = extent(shape, axis + 1, shape.size());
        shape[axis] = s.dst[axis];
        std::vector<double> next(static_cast<std::size_t>(elementCount(shape)));
        for (std::int64_t p = 0; p < s.dst[axis]; ++p) {
            const Tap tap = sampler.at(p);
            for (std::int64_t o = 0; o < outer; ++o) {
                double* to = next.data() + (o * s.dst[axis] + p) * inner;
                if (tap.isOutside) {
                    std::fill_n(to, inner, outside);
                }
                for (const auto& [index, weight] : tap.parts) {
                    const double* from = values.data() + (o * size + index) * inner;
                    for (std::int64_t i = 0; i < inner; ++i) {
                        to[i] += weight * from[i];
                    }
                }
            }
        }
        values = std::move(next);
    }
    return {castTo(makeTensor<double>(shape, values), in[0].type())};
}

constexpr OperatorDefinition kResizeOperators[] = {
    {"", "Resize", 10, inferResize, evaluateResize},
    {"", "Upsample", 7, inferResize, evaluateResize},
};

} // namespace

std::span<const OperatorDefinition> resizeOperators() { return kResizeOperators; }

std::vector<AxisTaps> resizeTaps(const Node& node, const Shape& src, std::span<const Tensor> inputs)
{
    const Scaling s = scalingOf(node, src, requestOf(node, inputs));
    std::vector<AxisTaps> result(src.size());
    for (std::size_t axis = 0; axis < src.size(); ++axis) {
        result[axis].isIdentity = s.dst[axis] == src[axis] && s.scales[axis] == 1.0 && s.roiStart[axis] == 0.0
            && s.roiEnd[axis] == 1.0;
        const AxisSampler sampler(node, s, axis, src[axis]);
        for (std::int64_t p = 0; p < s.dst[axis]; ++p) {
            result[axis].parts.push_back(sampler.at(p).parts);
        }
    }
    return result;
}

} // namespace core::ops
