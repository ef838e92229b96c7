#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

std::vector<ValueInfo> inferGridSample(const InferContext& c)
{
    requireInputs(c, 2);
    const Shape& src = c.inputs[0].shape;
    const Shape& grid = c.inputs[1].shape;
    if (src.size() != 4 || grid.size() != 4 || grid[3] != 2 || grid[0] != src[0]) {
        fail(c.node,
             fmt::format("grid {} does not sample src {}; only images are supported", toString(grid),
                         toString(src)),
             src.size() == 5 ? ErrorKind::UnsupportedOperator : ErrorKind::ShapeMismatch);
    }
    return {{c.inputs[0].type, {src[0], src[1], grid[1], grid[2]}}};
}

/// Reads one plane at positions that may lie outside it.
class PlaneSampler
{
public:
    PlaneSampler(const Node& node, std::int64_t height, std::int64_t width)
        : m_height(height)
        , m_width(width)
        , m_padding(node.text("padding_mode", "zeros"))
        , m_mode(node.text("mode", "bilinear"))
        , m_alignsCorners(node.integer("align_corners", 0) != 0)
    {
    }

    [[nodiscard]] double at(const double* plane, double gridX, double gridY) const
    {
        const double x = pixel(gridX, m_width);
        const double y = pixel(gridY, m_height);
        if (m_mode == "nearest") {
            return value(plane, std::nearbyint(y), std::nearbyint(x));
        }
        if (m_mode == "bicubic" || m_mode == "cubic") {
            return weighted(plane, x, y, cubicWeights(x - std::floor(x)), cubicWeights(y - std::floor(y)),
                            -1);
        }
        const double fx = x - std::floor(x);
        const double fy = y - std::floor(y);
        return weighted(plane, x, y, {1.0 - fx, fx, 0.0, 0.0}, {1.0 - fy, fy, 0.0, 0.0}, 0);
    }

private:
    using Weights = std::array<double, 4>;

    /// −1…1 to pixels: the centres of the corner pixels, or their outer edges.
    [[nodiscard]] double pixel(double g, std::int64_t size) const
    {
        const auto length = static_cast<double>(size);
        return m_alignsCorners ? (g + 1.0) / 2.0 * (length - 1.0) : ((g + 1.0) * length - 1.0) / 2.0;
    }

    [[nodiscard]] static Weights cubicWeights(double t)
    {
        constexpr double kA = -0.75;
        const auto near = [](double d) { return ((kA + 2.0) * d - (kA + 3.0)) * d * d + 1.0; };
        const auto far = [](double d) { return ((kA * d - 5.0 * kA) * d + 8.0 * kA) * d - 4.0 * kA; };
        return {far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)};
    }

    [[nodiscard]] double weighted(const double* plane, double x, double y, const Weights& wx,
                                  const Weights& wy, int first) const
    {
        double sum = 0.0;
        for (std::size_t j = 0; j < 4; ++j) {
            for (std::size_t i = 0; i < 4; ++i) {
                if (wx[i] != 0.0 && wy[j] != 0.0) {
                    sum += wx[i] * wy[j]
                        * value(plane, std::floor(y) + first + static_cast<double>(j),
                                std::floor(x) + first + static_cast<double>(i));
                }
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
        const bool isForward = static_cast<std::int64_t>(distance / range) % 2 == 0;
        return isForward ? within + low : range - within + low;
    }

    [[nodiscard]] double value(const double* plane, double y, double x) const
    {
        if (m_padding == "reflection") {
            x = reflected(x, m_width);
            y = reflected(y, m_height);
        }
        const auto right = static_cast<double>(m_width - 1);
        const auto bottom = static_cast<double>(m_height - 1);
        if (m_padding == "zeros" && !(x >= 0.0 && x <= right && y >= 0.0 && y <= bottom)) {
            return 0.0;
        }
        const auto column = static_cast<std::int64_t>(std::clamp(x, 0.0, right));
        const auto row = static_cast<std::int64_t>(std::clamp(y, 0.0, bottom));
        return plane[row * m_width + column];
    }

    std::int64_t m_height;
    std::int64_t m_width;
    std::string m_padding;
    std::string m_mode;
    bool m_alignsCorners;
};

Outputs evaluateGridSample(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const Shape& grid = in[1].shape();
    const auto values = doublesOf(in[0]);
    const auto where = doublesOf(in[1]);
    const Shape shape{src[0], src[1], grid[1], grid[2]};
    const PlaneSampler sampler(node, src[2], src[3]);
    const std::int64_t points = grid[1] * grid[2];
    std::vector<double> dst;
    dst.reserve(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t n = 0; n < src[0]; ++n) {
        for (std::int64_t c = 0; c < src[1]; ++c) {
            const double* plane = values.data() + (n * src[1] + c) * src[2] * src[3];
            for (std::int64_t p = 0; p < points; ++p) {
                const double* xy = where.data() + (n * points + p) * 2;
                dst.push_back(sampler.at(plane, xy[0], xy[1]));
            }
        }
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

std::vector<ValueInfo> inferRoiAlign(const InferContext& c)
{
    requireInputs(c, 3);
    const Shape& src = c.inputs[0].shape;
    const Shape& rois = c.inputs[1].shape;
    if (src.size() != 4 || rois.size() != 2 || rois[1] != 4 || c.inputs[2].shape != Shape{rois[0]}) {
        fail(c.node,
             fmt::format("regions {} and batch indices {} do not fit src {}", toString(rois),
                         toString(c.inputs[2].shape), toString(src)));
    }
    return {{c.inputs[0].type,
             {rois[0], src[1], c.node.integer("output_height", 1), c.node.integer("output_width", 1)}}};
}

/// The four pixels around a position and their weights; none outside by more than a pixel.
struct Corners
{
    std::array<std::int64_t, 4> index{};
    std::array<double, 4> weight{};
};

Corners cornersAt(double y, double x, std::int64_t height, std::int64_t width)
{
    if (y < -1.0 || y > static_cast<double>(height) || x < -1.0 || x > static_cast<double>(width)) {
        return {};
    }
    y = std::clamp(y, 0.0, static_cast<double>(height - 1));
    x = std::clamp(x, 0.0, static_cast<double>(width - 1));
    const auto top = static_cast<std::int64_t>(y);
    const auto left = static_cast<std::int64_t>(x);
    const std::int64_t bottom = std::min(top + 1, height - 1);
    const std::int64_t right = std::min(left + 1, width - 1);
    const double fy = y - static_cast<double>(top);
    const double fx = x - static_cast<double>(left);
    return {{top * width + left, top * width + right, bottom * width + left, bottom * width + right},
            {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx}};
}

/// Each output is the mean (or the largest term) of a raster of samples inside its bin.
Outputs evaluateRoiAlign(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const std::int64_t rows = node.integer("output_height", 1);
    const std::int64_t columns = node.integer("output_width", 1);
    const std::int64_t ratio = node.integer("sampling_ratio", 0);
    const double scale = node.real("spatial_scale", 1.0f);
    const bool isMax = node.text("mode", "avg") == "max";
    const bool isHalfPixel =
        node.text("coordinate_transformation_mode", node.version < 16 ? "output_half_pixel" : "half_pixel")
        == "half_pixel";
    const double shift = isHalfPixel ? 0.5 : 0.0;
    const auto values = doublesOf(in[0]);
    const auto rois = doublesOf(in[1]);
    const auto batches = core::integersOf(in[2]);
    std::vector<double> dst;
    for (std::size_t r = 0; r < batches.size(); ++r) {
        if (batches[r] < 0 || batches[r] >= src[0]) {
            fail(node, fmt::format("batch index {} is outside src {}", batches[r], toString(src)));
        }
        const double x0 = rois[4 * r] * scale - shift;
        const double y0 = rois[4 * r + 1] * scale - shift;
        double width = rois[4 * r + 2] * scale - shift - x0;
        double height = rois[4 * r + 3] * scale - shift - y0;
        if (!isHalfPixel) {
            width = std::max(width, 1.0);
            height = std::max(height, 1.0);
        }
        const double binWidth = width / static_cast<double>(columns);
        const double binHeight = height / static_cast<double>(rows);
        const std::int64_t gridX =
            ratio > 0 ? ratio : std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(binWidth)));
        const std::int64_t gridY =
            ratio > 0 ? ratio : std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(binHeight)));
        for (std::int64_t c = 0; c < src[1]; ++c) {
            const double* plane = values.data() + (batches[r] * src[1] + c) * src[2] * src[3];
            for (std::int64_t o = 0; o < rows * columns; ++o) {
                double sum = 0.0;
                double largest = 0.0;
                for (std::int64_t i = 0; i < gridX * gridY; ++i) {
                    const double y = y0
                        + binHeight
                            * (static_cast<double>(o / columns)
                               + (static_cast<double>(i / gridX) + 0.5) / static_cast<double>(gridY));
                    const double x = x0
                        + binWidth
                            * (static_cast<double>(o % columns)
                               + (static_cast<double>(i % gridX) + 0.5) / static_cast<double>(gridX));
                    const Corners corners = cornersAt(y, x, src[2], src[3]);
                    for (std::size_t k = 0; k < 4; ++k) {
                        const double term = corners.weight[k] * plane[corners.index[k]];
                        sum += term;
                        largest = i == 0 && k == 0 ? term : std::max(largest, term);
                    }
                }
                dst.push_back(isMax ? largest : sum / static_cast<double>(gridX * gridY));
            }
        }
    }
    const Shape shape{std::ssize(batches), src[1], rows, columns};
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

std::vector<ValueInfo> inferNonMaxSuppression(const InferContext& c)
{
    requireInputs(c, 2);
    const Shape& boxes = c.inputs[0].shape;
    const Shape& scores = c.inputs[1].shape;
    if (boxes.size() != 3 || boxes[2] != 4 || scores.size() != 3 || scores[0] != boxes[0]
        || scores[2] != boxes[1]) {
        fail(c.node, fmt::format("scores {} do not fit boxes {}", toString(scores), toString(boxes)));
    }
    return {{DataType::Int64, {kDynamic, 3}}};
}

struct Box
{
    double top = 0.0;
    double left = 0.0;
    double bottom = 0.0;
    double right = 0.0;
};

/// center_point_box 0: two opposite corners y, x; 1: centre x, y, width, height.
Box boxOf(const double* v, bool isCentre)
{
    if (isCentre) {
        return {v[1] - v[3] / 2, v[0] - v[2] / 2, v[1] + v[3] / 2, v[0] + v[2] / 2};
    }
    return {std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
}

double overlap(const Box& a, const Box& b)
{
    const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
    if (height <= 0.0 || width <= 0.0) {
        return 0.0;
    }
    const double shared = height * width;
    const double both =
        (a.bottom - a.top) * (a.right - a.left) + (b.bottom - b.top) * (b.right - b.left) - shared;
    return shared / both;
}

Outputs evaluateNonMaxSuppression(const Node& node, Inputs in)
{
    const auto number = [&](std::size_t i, double fallback) {
        return hasInput(in, i) && in[i].count() > 0 ? doublesOf(in[i])[0] : fallback;
    };
    const auto most = static_cast<std::size_t>(std::max(0.0, number(2, 0.0)));
    const double mostOverlap = number(3, 0.0);
    const bool hasThreshold = hasInput(in, 4) && in[4].count() > 0;
    const double leastScore = number(4, 0.0);
    const bool isCentre = node.integer("center_point_box", 0) != 0;
    const auto boxes = doublesOf(in[0]);
    const auto scores = doublesOf(in[1]);
    const Shape& shape = in[1].shape();
    std::vector<std::int64_t> selected;
    for (std::int64_t row = 0; row < shape[0] * shape[1]; ++row) {
        const double* score = scores.data() + row * shape[2];
        const double* corner = boxes.data() + row / shape[1] * shape[2] * 4;
        std::vector<std::int64_t> order(static_cast<std::size_t>(shape[2]));
        std::iota(order.begin(), order.end(), 0);
        std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) { return score[a] > score[b]; });
        std::vector<Box> kept;
        for (const std::int64_t i : order) {
            if (kept.size() >= most || (hasThreshold && !(score[i] > leastScore))) {
                break;
            }
            const Box box = boxOf(corner + 4 * i, isCentre);
            if (std::ranges::none_of(kept,
                                     [&](const Box& other) { return overlap(box, other) > mostOverlap; })) {
                kept.push_back(box);
                selected.insert(selected.end(), {row / shape[1], row % shape[1], i});
            }
        }
    }
    return {makeTensor<std::int64_t>({std::ssize(selected) / 3, 3}, selected)};
}

constexpr OperatorDefinition kDefinitions[] = {
    {"", "GridSample", 16, inferGridSample, evaluateGridSample},
    {"", "RoiAlign", 10, inferRoiAlign, evaluateRoiAlign},
    {"", "NonMaxSuppression", 10, inferNonMaxSuppression, evaluateNonMaxSuppression},
};

} // namespace

std::span<const OperatorDefinition> samplingOperators() { return kDefinitions; }

} // namespace core::ops
