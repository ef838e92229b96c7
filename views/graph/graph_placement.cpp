#include "views/graph/graph_placement.h"

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr double kWidth = 178.0;
constexpr double kHeight = 40.0;
constexpr double kColumn = 204.0;
constexpr double kGap = 22.0; // between rows

QPainterPath edgePath(const QRectF& fromBox, const QRectF& toBox, int rows)
{
    const QPointF from(fromBox.center().x(), fromBox.bottom());
    const QPointF to(toBox.center().x(), toBox.top());
    QPainterPath path(from);
    if (rows > 1 && std::abs(from.x() - to.x()) < kWidth) {
        // A shortcut past the boxes between: out to the side and back.
        const double side = std::max(from.x(), to.x()) + kWidth / 2 + 14.0 + 4.0 * std::min(rows, 6);
        const double reach = kGap + kHeight / 2;
        path.cubicTo({from.x(), from.y() + 26}, {side, from.y()}, {side, from.y() + reach});
        path.lineTo(side, to.y() - reach);
        path.cubicTo({side, to.y()}, {to.x(), to.y() - 26}, to);
    } else {
        const double bend = (to.y() - from.y()) / 2;
        path.cubicTo(from + QPointF(0, bend), to - QPointF(0, bend), to);
    }
    return path;
}

} // namespace

QRectF GraphPlacement::bounds() const
{
    QRectF all;
    for (const QRectF& box : boxes) {
        all |= box;
    }
    for (const QPainterPath& edge : edges) {
        all |= edge.controlPointRect();
    }
    return all;
}

QSizeF sizeOf(const GraphBox& box)
{
    const double inner = box.inner.empty() ? 0.0 : 8.0 + kLineHeight * static_cast<double>(box.inner.size());
    return {kWidth, kHeight + inner};
}

GraphPlacement placeBoxes(const GraphBoxes& picture)
{
    const std::size_t count = picture.boxes.size();
    std::vector<std::vector<std::uint32_t>> sources(count);
    std::vector<std::size_t> depth(count, 0);
    for (const GraphEdge& edge : picture.edges) {
        sources[edge.to].push_back(edge.from);
    }
    std::vector<std::vector<std::uint32_t>> rows;
    if (picture.edges.empty()) { // the graph of a report alone is not known, but depths are
        std::ranges::transform(picture.boxes, depth.begin(), [](const GraphBox& box) {
            return static_cast<std::size_t>(std::max(0, box.depth));
        });
    }
    for (std::uint32_t i = 0; i < count; ++i) { // every edge leads to a later box
        for (const std::uint32_t source : sources[i]) {
            depth[i] = std::max(depth[i], depth[source] + 1);
        }
        rows.resize(std::max(rows.size(), depth[i] + 1));
        rows[depth[i]].push_back(i);
    }
    GraphPlacement placement;
    placement.boxes.resize(count);
    std::vector<double> lane(count, 0.0);
    double top = 0.0;
    for (const auto& row : rows) {
        std::vector<std::pair<double, std::uint32_t>> ordered;
        double tallest = 0.0;
        for (const std::uint32_t i : row) {
            double mean = 0.0;
            for (const std::uint32_t source : sources[i]) {
                mean += lane[source] / static_cast<double>(sources[i].size());
            }
            ordered.emplace_back(mean, i);
            tallest = std::max(tallest, sizeOf(picture.boxes[i]).height());
        }
        std::ranges::stable_sort(ordered, {}, &std::pair<double, std::uint32_t>::first);
        const double middle = static_cast<double>(ordered.size() - 1) / 2.0;
        for (std::size_t k = 0; k < ordered.size(); ++k) {
            const std::uint32_t i = ordered[k].second;
            const QSizeF size = sizeOf(picture.boxes[i]);
            lane[i] = static_cast<double>(k) - middle;
            placement.boxes[i] = QRectF(QPointF(lane[i] * kColumn - size.width() / 2, top), size);
        }
        top += tallest + kGap;
    }
    for (const GraphEdge& edge : picture.edges) {
        placement.edges.push_back(edgePath(placement.boxes[edge.from], placement.boxes[edge.to],
                                           static_cast<int>(depth[edge.to] - depth[edge.from])));
    }
    return placement;
}

} // namespace views
