#include "views/graph/graph_item.h"

#include "views/graph/graph_placement.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>

#include <algorithm>

namespace views {

namespace {

constexpr double kReadable = 0.4; // below this scale names are specks
constexpr double kShapely = 0.22; // below this scale curves and round corners are, too
constexpr double kHead = 40.0;
constexpr double kSlack = 4.0; // frames and wide edges reach over the geometry

} // namespace

void GraphItem::setPicture(GraphBoxes picture, GraphPlacement placement)
{
    setFlag(ItemUsesExtendedStyleOption); // exposedRect
    m_picture = std::move(picture);
    m_looks.assign(m_picture.boxes.size(), {});
    m_edgeWidths.assign(m_picture.edges.size(), 1.0);
    setPlacement(std::move(placement));
}

void GraphItem::setPlacement(GraphPlacement placement)
{
    prepareGeometryChange();
    m_placement = std::move(placement);
    m_edgeBounds.clear();
    m_bounds = {};
    for (const QRectF& box : m_placement.boxes) {
        m_bounds |= box;
    }
    for (const QPainterPath& edge : m_placement.edges) {
        m_edgeBounds.push_back(edge.controlPointRect().adjusted(-kSlack, -kSlack, kSlack, kSlack));
        m_bounds |= m_edgeBounds.back();
    }
    m_bounds.adjust(-kSlack, -kSlack, kSlack, kSlack);
}

std::optional<std::uint32_t> GraphItem::boxAt(QPointF point) const
{
    const auto found =
        std::ranges::find_if(m_placement.boxes, [&](const QRectF& box) { return box.contains(point); });
    return found == m_placement.boxes.end()
        ? std::nullopt
        : std::optional(static_cast<std::uint32_t>(found - m_placement.boxes.begin()));
}

void GraphItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*)
{
    const QRectF exposed = option->exposedRect;
    const double scale = QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    if (scale < kShapely) {
        paintFar(painter, exposed, scale);
        return;
    }
    paintEdges(painter, exposed);
    for (std::size_t i = 0; i < m_placement.boxes.size(); ++i) {
        if (m_placement.boxes[i].adjusted(-kSlack, -kSlack, kSlack, kSlack).intersects(exposed)) {
            paintBox(painter, i, scale >= kReadable);
        }
    }
}

void GraphItem::paintFar(QPainter* painter, const QRectF& exposed, double scale) const
{
    painter->setRenderHint(QPainter::Antialiasing, false);
    QVector<QLineF> thin;
    QVector<QLineF> wide;
    for (std::size_t i = 0; i < m_placement.edges.size(); ++i) {
        if (m_edgeBounds[i].intersects(exposed)) {
            const GraphEdge& edge = m_picture.edges[i];
            const QRectF& from = m_placement.boxes[edge.from];
            const QRectF& to = m_placement.boxes[edge.to];
            (m_edgeWidths[i] > 3.0 ? wide : thin)
                << QLineF({from.center().x(), from.bottom()}, {to.center().x(), to.top()});
        }
    }
    painter->setPen(QPen(m_colors.edge, 0)); // 0: one pixel at any scale
    painter->drawLines(thin);
    painter->setPen(QPen(m_colors.edge, 2.0 / scale));
    painter->drawLines(wide);
    const double frame = 3.0 / scale;
    for (std::size_t i = 0; i < m_placement.boxes.size(); ++i) {
        const QRectF& box = m_placement.boxes[i];
        if (!box.intersects(exposed)) {
            continue;
        }
        const BoxLook& look = m_looks[i];
        if (look.selected) {
            painter->fillRect(box.adjusted(-frame, -frame, frame, frame), m_colors.highlight);
        }
        painter->setOpacity(look.dimmed ? 0.25 : 1.0);
        painter->fillRect(box, m_colors.border);
        painter->fillRect(box.adjusted(1 / scale, 1 / scale, -1 / scale, -1 / scale), look.ground);
        painter->setOpacity(1.0);
    }
}

void GraphItem::paintEdges(QPainter* painter, const QRectF& exposed) const
{
    painter->setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < m_placement.edges.size(); ++i) {
        if (m_edgeBounds[i].intersects(exposed)) {
            const GraphEdge& edge = m_picture.edges[i];
            painter->setOpacity(m_looks[edge.from].dimmed && m_looks[edge.to].dimmed ? 0.3 : 1.0);
            painter->setPen(QPen(m_colors.edge, m_edgeWidths[i], Qt::SolidLine, Qt::FlatCap));
            painter->drawPath(m_placement.edges[i]);
        }
    }
    painter->setOpacity(1.0);
}

void GraphItem::paintBox(QPainter* painter, std::size_t index, bool readable) const
{
    const QRectF& rect = m_placement.boxes[index];
    const GraphBox& box = m_picture.boxes[index];
    const BoxLook& look = m_looks[index];
    painter->setOpacity(look.dimmed ? 0.25 : 1.0);
    painter->setPen(QPen(m_colors.border, 1.0));
    painter->setBrush(look.ground);
    if (box.isBlock()) { // a stack of sheets
        painter->drawRoundedRect(rect.translated(4, 4), 4, 4);
        painter->drawRoundedRect(rect.translated(2, 2), 4, 4);
    }
    painter->setPen(look.selected ? QPen(m_colors.highlight, 3.0) : QPen(m_colors.border, 1.0));
    painter->drawRoundedRect(rect, 4, 4);
    if (look.flagged) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(QBrush(m_colors.border, Qt::BDiagPattern));
        painter->drawRoundedRect(rect, 4, 4);
    }
    if (readable) {
        painter->setPen(look.text);
        QFont font = painter->font();
        font.setPixelSize(12);
        painter->setFont(font);
        const QRectF head = QRectF(rect.topLeft(), QSizeF(rect.width(), kHead)).adjusted(7, 3, -7, -3);
        const QFontMetricsF metrics(font);
        painter->drawText(
            head, Qt::AlignTop | Qt::AlignLeft,
            metrics.elidedText(QString::fromStdString(box.title), Qt::ElideMiddle, head.width()));
        font.setPixelSize(11);
        painter->setFont(font);
        painter->drawText(head, Qt::AlignBottom | Qt::AlignLeft, look.detail);
        if (box.isBlock() || box.nodes > 1) {
            const QString sign = box.isBlock() ? QStringLiteral("▸ %1").arg(box.count)
                : box.inner.empty()            ? QStringLiteral("▸ %1").arg(box.nodes)
                                               : QStringLiteral("▾");
            painter->drawText(head, Qt::AlignBottom | Qt::AlignRight, sign);
        }
        const QFontMetricsF small(font);
        QRectF line(rect.left() + 14, rect.top() + kHead, rect.width() - 21, kLineHeight);
        for (const std::string& node : box.inner) {
            painter->drawText(line, Qt::AlignVCenter | Qt::AlignLeft,
                              small.elidedText(QString::fromStdString(node), Qt::ElideMiddle, line.width()));
            line.translate(0, kLineHeight);
        }
    }
    painter->setOpacity(1.0);
}

} // namespace views
