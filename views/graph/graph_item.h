#pragma once

#include "views/graph/graph_placement.h"

#include <QColor>
#include <QGraphicsItem>
#include <QString>

#include <optional>
#include <vector>

namespace views {

/// How one box looks now.
struct BoxLook
{
    QColor ground;
    QColor text;
    QString detail; ///< second line
    bool dimmed = false;
    bool selected = false;
    bool flagged = false; ///< kept in float: hatched, so that colour is not all that tells
};

struct GraphColors
{
    QColor border;
    QColor highlight;
    QColor edge;
    QColor ground;
};

/// The whole graph as one item. Thousands of items would cost more to find and sort than boxes cost to draw;
/// far out, boxes are plain rectangles and edges straight lines.
class GraphItem : public QGraphicsItem
{
public:
    void setPicture(GraphBoxes picture, GraphPlacement placement);
    void setPlacement(GraphPlacement placement);
    void setColors(const GraphColors& colors) { m_colors = colors; }
    [[nodiscard]] const GraphBoxes& picture() const { return m_picture; }
    [[nodiscard]] const GraphPlacement& placement() const { return m_placement; }
    [[nodiscard]] std::vector<BoxLook>& looks() { return m_looks; }
    [[nodiscard]] const std::vector<BoxLook>& looks() const { return m_looks; }
    [[nodiscard]] std::vector<double>& edgeWidths() { return m_edgeWidths; }
    [[nodiscard]] std::optional<std::uint32_t> boxAt(QPointF point) const;

    [[nodiscard]] QRectF boundingRect() const override { return m_bounds; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    void paintFar(QPainter* painter, const QRectF& exposed, double scale) const;
    void paintEdges(QPainter* painter, const QRectF& exposed) const;
    void paintBox(QPainter* painter, std::size_t index, bool readable) const;

    GraphBoxes m_picture;
    GraphPlacement m_placement;
    std::vector<BoxLook> m_looks;
    std::vector<double> m_edgeWidths;
    std::vector<QRectF> m_edgeBounds;
    QRectF m_bounds;
    GraphColors m_colors;
};

} // namespace views
