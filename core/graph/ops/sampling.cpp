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

constexpr std::int64_t kMostGrid = 4096; ///< samples along one axis of a bin

/// How many samples a bin of that size takes.
std::int64_t gridOf(const Node& node, std::int64_t ratio, double bin)
{
    if (!(bin <= static_cast<double>(kMostGrid))) {
        fail(node, fmt::format("a region with bins of {} pixels", bin));
    }
    return ratio > 0 ? ratio : std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(bin)));
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
    if (rois[0] > 0 && src[2] * src[3] == 0) {
        fail(c.node, fmt::format("src {} has no pixel for {} regions", toString(src), rois[0]));
    }
    const std::int64_t rows = c.node.integer("output_height", 1);
    const std::int64_t columns = c.node.integer("output_width", 1);
    const std::int64_t ratio = c.node.integer("sampling_ratio", 0);
    if (rows < 1 || columns < 1 || ratio < 0 || ratio > kMostGrid) {
        fail(c.node,
             fmt::format("an output of {} x {} from grids of {}: sizes must be positive, grids at most {}",
                         rows, columns, ratio, kMostGrid),
             ErrorKind::InvalidModel);
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
    if (!(y >= -1.0) || !(x >= -1.0) || y > static_cast<double>(height) || x > static_cast<double>(width)) {
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
        const std::int64_t gridX = gridOf(node, ratio, binWidth);
        const std::int64_t gridY = gridOf(node, ratio, binHeight);
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

constexpr OperatorDefinition kSamplingOperators[] = {
    {"", "RoiAlign", 10, inferRoiAlign, evaluateRoiAlign},
    {"", "NonMaxSuppression", 10, inferNonMaxSuppression, evaluateNonMaxSuppression},
};

} // namespace

std::span<const OperatorDefinition> samplingOperators() { return kSamplingOperators; }

} // namespace core::ops
