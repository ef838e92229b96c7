#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;
using Point = std::array<double, 3>; ///< depth, height, width; pictures use the first two

/// N, C and the spatial part of the grid.
Shape sampledShape(const Node& node, const Shape& src, const Shape& grid)
{
    const auto rank = static_cast<std::int64_t>(src.size());
    if ((rank != 4 && rank != 5) || grid.size() != src.size() || grid.back() != rank - 2
        || grid[0] != src[0]) {
        fail(node, fmt::format("grid {} does not sample src {}", toString(grid), toString(src)));
    }
    Shape shape = grid;
    shape.pop_back();
    shape.insert(shape.begin() + 1, src[1]);
    return shape;
}

std::vector<ValueInfo> inferGridSample(const InferContext& c)
{
    requireInputs(c, 2);
    const Shape shape = sampledShape(c.node, c.inputs[0].shape, c.inputs[1].shape);
    const std::string mode = c.node.text("mode", "bilinear");
    if (shape.size() == 5 && (mode == "cubic" || mode == "bicubic")) {
        fail(c.node, "mode cubic is defined for pictures only", ErrorKind::UnsupportedOperator);
    }
    return {{c.inputs[0].type, shape}};
}

/// Reads one plane or volume at positions that may lie outside it.
class GridSampler
{
public:
    GridSampler(const Node& node, const Shape& src)
        : m_sizes(src.begin() + 2, src.end())
        , m_padding(node.text("padding_mode", "zeros"))
        , m_mode(node.text("mode", "bilinear"))
        , m_alignsCorners(node.integer("align_corners", 0) != 0)
    {
    }

    /// `at` holds x, y and, in volumes, z: the last axis first.
    [[nodiscard]] double operator()(const double* plane, const double* at) const
    {
        Point point{};
        for (std::size_t a = 0; a < m_sizes.size(); ++a) {
            point[a] = pixel(at[m_sizes.size() - 1 - a], m_sizes[a]);
        }
        if (m_mode == "nearest") {
            std::ranges::transform(point, point.begin(), [](double v) { return std::nearbyint(v); });
            return value(plane, point);
        }
        return weighted(plane, point);
    }

private:
    using Weights = std::array<double, 4>;

    /// −1…1 to pixels: the centres of the corner pixels, or their outer edges.
    [[nodiscard]] double pixel(double g, std::int64_t size) const
    {
        const auto length = static_cast<double>(size);
        return m_alignsCorners ? (g + 1.0) / 2.0 * (length - 1.0) : ((g + 1.0) * length - 1.0) / 2.0;
    }

    [[nodiscard]] bool isCubic() const { return m_mode == "bicubic" || m_mode == "cubic"; }

    /// Of the pixels −1, 0, 1, 2 around a position that lies t behind pixel 0.
    [[nodiscard]] Weights weightsOf(double t) const
    {
        if (!isCubic()) {
            return {0.0, 1.0 - t, t, 0.0};
        }
        constexpr double kA = -0.75;
        const auto near = [](double d) { return ((kA + 2.0) * d - (kA + 3.0)) * d * d + 1.0; };
        const auto far = [](double d) { return ((kA * d - 5.0 * kA) * d + 8.0 * kA) * d - 4.0 * kA; };
        return {far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)};
    }

    [[nodiscard]] double weighted(const double* plane, const Point& point) const
    {
        std::array<Weights, 3> weights{};
        for (std::size_t a = 0; a < m_sizes.size(); ++a) {
            weights[a] = weightsOf(point[a] - std::floor(point[a]));
        }
        const std::size_t taps = m_sizes.size() == 3 ? 64 : 16;
        double sum = 0.0;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            double weight = 1.0;
            Point near{};
            std::size_t rest = tap;
            for (std::size_t a = m_sizes.size(); a-- > 0; rest /= 4) {
                weight *= weights[a][rest % 4];
                near[a] = std::floor(point[a]) + static_cast<double>(rest % 4) - 1.0;
            }
            if (weight != 0.0) {
                sum += weight * value(plane, near);
            }
        }
        return sum;
    }

    /// Mirrors at the edges of the range that the grid addresses.
    [[nodiscard]] double reflected(double at, std::int64_t size) const
    {
        const double low = m_alignsCorners ? 0.0 : -0.5;
        const double range = m_alignsCorners ? static_cast<double>(size - 1) : static_cast<double>(size);
        if (range <= 0.0) {
            return 0.0;
        }
        const double distance = std::abs(at - low);
        const double within = std::fmod(distance, range);
        const bool isForward = std::fmod(std::floor(distance / range), 2.0) == 0.0;
        return isForward ? within + low : range - within + low;
    }

    [[nodiscard]] double value(const double* plane, const Point& point) const
    {
        std::int64_t index = 0;
        for (std::size_t a = 0; a < m_sizes.size(); ++a) {
            const auto last = static_cast<double>(m_sizes[a] - 1);
            const double at = m_padding == "reflection" ? reflected(point[a], m_sizes[a]) : point[a];
            if (m_padding == "zeros" && !(at >= 0.0 && at <= last)) {
                return 0.0;
            }
            const double inside = at >= 0.0 ? std::min(at, last) : 0.0; // NaN reads the first
            index = index * m_sizes[a] + static_cast<std::int64_t>(inside);
        }
        return plane[index];
    }

    Shape m_sizes;
    std::string m_padding;
    std::string m_mode;
    bool m_alignsCorners;
};

Outputs evaluateGridSample(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Shape shape = sampledShape(node, src, in[1].shape());
    const auto values = doublesOf(in[0]);
    const auto where = doublesOf(in[1]);
    const GridSampler sample(node, src);
    const std::int64_t points = extent(shape, 2, shape.size());
    const std::int64_t plane = extent(src, 2, src.size());
    const std::int64_t axes = in[1].shape().back();
    std::vector<double> dst;
    dst.reserve(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t nc = 0; nc < src[0] * src[1]; ++nc) {
        for (std::int64_t p = 0; p < points; ++p) {
            const double* at = where.data() + (nc / src[1] * points + p) * axes;
            dst.push_back(plane > 0 ? sample(values.data() + nc * plane, at) : 0.0);
        }
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

std::vector<std::int64_t> gridSize(const Node& node, const Shape& theta,
                                   const std::vector<std::int64_t>& size)
{
    const std::int64_t axes = std::ssize(size) - 2;
    if ((axes != 2 && axes != 3) || theta != Shape{size[0], axes, axes + 1}) {
        fail(node, fmt::format("theta {} gives no grid of size {}", toString(theta), toString(size)));
    }
    std::vector<std::int64_t> shape{size[0]};
    shape.insert(shape.end(), size.begin() + 2, size.end());
    shape.push_back(axes);
    return shape;
}

std::vector<ValueInfo> inferAffineGrid(const InferContext& c)
{
    requireInputs(c, 2);
    if (!c.constants[1]) {
        const Shape& count = c.inputs[1].shape;
        return {{c.inputs[0].type, Shape(count.empty() || count[0] != 5 ? 4 : 5, kDynamic)}};
    }
    return {{c.inputs[0].type, gridSize(c.node, c.inputs[0].shape, core::integersOf(*c.constants[1]))}};
}

/// Each centre of an output pixel, −1…1 along every axis with x first, through the affine map of its sample.
Outputs evaluateAffineGrid(const Node& node, Inputs in)
{
    const Shape shape = gridSize(node, in[0].shape(), core::integersOf(in[1]));
    const auto theta = doublesOf(in[0]);
    const bool alignsCorners = node.integer("align_corners", 0) != 0;
    const auto axes = static_cast<std::size_t>(shape.back());
    const std::int64_t points = extent(shape, 1, shape.size() - 1);
    std::vector<double> dst;
    dst.reserve(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t i = 0; i < shape[0] * points; ++i) {
        Point centre{}; // x, y, z
        std::int64_t rest = i % points;
        for (std::size_t a = 0; a < axes; ++a) {
            const std::int64_t size = shape[axes - a];
            const auto at = static_cast<double>(rest % size);
            const auto length = static_cast<double>(size);
            rest /= size;
            centre[a] = !alignsCorners ? (2.0 * at + 1.0) / length - 1.0
                : size > 1             ? 2.0 * at / (length - 1.0) - 1.0
                                       : -1.0;
        }
        const double* row = theta.data() + static_cast<std::size_t>(i / points) * axes * (axes + 1);
        for (std::size_t a = 0; a < axes; ++a, row += axes + 1) {
            double sum = row[axes];
            for (std::size_t k = 0; k < axes; ++k) {
                sum += row[k] * centre[k];
            }
            dst.push_back(sum);
        }
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

constexpr OperatorDefinition kGridOperators[] = {
    {"", "GridSample", 16, inferGridSample, evaluateGridSample},
    {"", "AffineGrid", 20, inferAffineGrid, evaluateAffineGrid},
};

} // namespace

std::span<const OperatorDefinition> gridOperators() { return kGridOperators; }

} // namespace core::ops
