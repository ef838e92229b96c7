#include "views/graph_view.h"

#include "views/format.h"
#include "views/selection.h"
#include "views/theme.h"

#include <QContextMenuEvent>
#include <QGraphicsItem>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace views {

namespace {
constexpr double kWidth = 178.0;
constexpr double kHeight = 40.0;
constexpr double kColumn = 204.0;
constexpr double kRow = 62.0;
} // namespace

class NodeItem : public QGraphicsItem
{
public:
    QString name;
    QString detail;
    QColor ground;
    QColor text;
    QColor border;
    bool dimmed = false;
    bool selected = false;
    int index = 0;

    [[nodiscard]] QRectF boundingRect() const override
    {
        return {-kWidth / 2 - 3, -kHeight / 2 - 3, kWidth + 6, kHeight + 6};
    }

    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) override
    {
        const QRectF box(-kWidth / 2, -kHeight / 2, kWidth, kHeight);
        painter->setOpacity(dimmed ? 0.25 : 1.0);
        painter->setPen(selected ? QPen(border, 3.0) : QPen(border, 1.0));
        painter->setBrush(ground);
        painter->drawRoundedRect(box, 4, 4);
        if (QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform()) < 0.3) {
            return; // too small to read: thousands of names would only cost time
        }
        painter->setPen(text);
        QFont font = painter->font();
        font.setPixelSize(12);
        painter->setFont(font);
        const QRectF inner = box.adjusted(7, 3, -7, -3);
        const QFontMetricsF metrics(font);
        painter->drawText(inner, Qt::AlignTop | Qt::AlignLeft,
                          metrics.elidedText(name, Qt::ElideMiddle, inner.width()));
        font.setPixelSize(11);
        painter->setFont(font);
        painter->drawText(inner, Qt::AlignBottom | Qt::AlignLeft, detail);
        Q_UNUSED(option);
    }
};

GraphView::GraphView(Selection* selection, QWidget* parent)
    : QGraphicsView(parent)
    , m_selection(selection)
{
    setObjectName(QStringLiteral("graphView"));
    setAccessibleName(tr("Graph of operators"));
    setScene(new QGraphicsScene(this));
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setDragMode(ScrollHandDrag);
    setTransformationAnchor(AnchorUnderMouse);
    setViewportUpdateMode(FullViewportUpdate); // the legend does not scroll
    connect(m_selection, &Selection::changed, this, &GraphView::followSelection);
}

void GraphView::setResults(std::shared_ptr<const core::Results> results)
{
    const bool sameOperators = m_results && results
        && m_results->report->layers.size() == results->report->layers.size()
        && m_results->operators == results->operators && !m_nodes.empty();
    m_results = std::move(results);
    if (!sameOperators) {
        rebuild();
    }
    recolor();
}

void GraphView::rebuild()
{
    scene()->clear();
    m_nodes.clear();
    m_edges.clear();
    if (!m_results) {
        return;
    }
    m_placement = placeOperators(*m_results);
    const auto place = [&](std::uint32_t i) {
        return QPointF(m_placement.nodes[i].lane * kColumn, m_placement.nodes[i].row * kRow);
    };
    for (const GraphEdge& edge : m_placement.edges) {
        const QPointF from = place(edge.from) + QPointF(0, kHeight / 2);
        const QPointF to = place(edge.to) - QPointF(0, kHeight / 2);
        const int span = m_placement.nodes[edge.to].row - m_placement.nodes[edge.from].row;
        QPainterPath path(from);
        if (span > 1 && std::abs(from.x() - to.x()) < kWidth) {
            // A shortcut past the nodes between: out to the side and back.
            const double side = std::max(from.x(), to.x()) + kWidth / 2 + 14.0 + 4.0 * std::min(span, 6);
            path.cubicTo({from.x(), from.y() + 26}, {side, from.y()}, {side, from.y() + kRow / 2 + 8});
            path.lineTo(side, to.y() - kRow / 2 - 8);
            path.cubicTo({side, to.y()}, {to.x(), to.y() - 26}, to);
        } else {
            const double bend = (to.y() - from.y()) / 2;
            path.cubicTo(from + QPointF(0, bend), to - QPointF(0, bend), to);
        }
        m_edges.push_back(scene()->addPath(path));
    }
    for (std::size_t i = 0; i < m_results->report->layers.size(); ++i) {
        auto* const node = new NodeItem;
        node->index = static_cast<int>(i);
        node->setPos(place(static_cast<std::uint32_t>(i)));
        node->setZValue(1.0);
        scene()->addItem(node);
        m_nodes.push_back(node);
    }
    scene()->setSceneRect(scene()->itemsBoundingRect().adjusted(-40, -16, 40, 104));
    m_userZoomed = false;
    fit();
}

GraphView::Metric GraphView::shownMetric() const
{
    if (m_metric == Metric::AtOutput && m_results) {
        for (const auto& layer : m_results->report->layers) {
            if (layer->atOutput) {
                return Metric::AtOutput;
            }
        }
        return Metric::Isolated;
    }
    return m_metric;
}

std::optional<double> GraphView::errorOf(const core::LayerReport& layer) const
{
    const auto& error = shownMetric() == Metric::AtOutput ? layer.atOutput
        : shownMetric() == Metric::Isolated               ? layer.isolated
                                                          : layer.accumulated;
    return error ? error->relativeL2 : std::nullopt;
}

void GraphView::recolor()
{
    const bool dark = isDark(palette());
    const PlotColors colors = plotColors(palette());
    setBackgroundBrush(palette().color(QPalette::Base));
    for (NodeItem* const node : m_nodes) {
        const core::LayerReport& layer = *m_results->report->layers[static_cast<std::size_t>(node->index)];
        const auto error = errorOf(layer);
        node->name = QString::fromStdString(layer.name);
        node->detail = QString::fromStdString(layer.type)
            + (error ? QStringLiteral(" · ") + shareText(*error) : QString());
        if (!layer.effective.isInteger()) {
            node->detail += QStringLiteral(" · ") + QString::fromStdString(core::toString(layer.effective));
        }
        node->ground =
            error && !m_stale ? heatColor(heatOfRelativeL2(*error), dark) : palette().color(QPalette::Button);
        node->text = m_stale ? colors.muted : textOn(node->ground);
        const auto& operators = m_selection->operators();
        node->selected = std::ranges::find(operators, layer.id) != operators.end();
        node->border = node->selected ? palette().color(QPalette::Highlight) : palette().color(QPalette::Mid);
        node->dimmed = !m_query.isEmpty() && !m_query.matches(layer);
        node->setToolTip(tr("%1 (%2)\nat output %3, isolated %4, accumulated %5 (relative L2)")
                             .arg(node->name, QString::fromStdString(layer.type),
                                  relativeText(layer.atOutput), relativeText(layer.isolated),
                                  relativeText(layer.accumulated)));
    }
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        // Width by the accumulated error of the value that flows: 1 px at 0.1 %, 6 px at 100 %.
        const auto& accumulated = m_results->report->layers[m_placement.edges[i].from]->accumulated;
        const double heat =
            accumulated && accumulated->relativeL2 ? heatOfRelativeL2(*accumulated->relativeL2) : 0.0;
        m_edges[i]->setPen(QPen(colors.baseline, 1.0 + 5.0 * heat, Qt::SolidLine, Qt::FlatCap));
    }
    viewport()->update();
}

void GraphView::followSelection()
{
    recolor();
    const auto current = m_selection->current();
    for (const NodeItem* const node : m_nodes) {
        if (current && m_results->report->layers[static_cast<std::size_t>(node->index)]->id == *current) {
            ensureVisible(node, 30, 60);
        }
    }
}

void GraphView::setStale(bool stale)
{
    m_stale = stale;
    if (m_results) {
        recolor();
    }
}

void GraphView::setQuery(const OperatorsQuery& query)
{
    m_query = query;
    if (m_results) {
        recolor();
    }
}

void GraphView::setMetric(Metric metric)
{
    m_metric = metric;
    if (m_results) {
        recolor();
    }
}

void GraphView::fit()
{
    m_userZoomed = false;
    if (m_nodes.empty()) {
        return;
    }
    const QRectF all = scene()->sceneRect();
    // A deep network fits in height only unreadably small: then its beginning in readable size.
    const double whole = std::min(viewport()->width() / all.width(), viewport()->height() / all.height());
    const double wide = std::min(1.0, viewport()->width() / all.width());
    const double scale = whole >= 0.45 ? std::min(1.0, whole) : std::min(wide, 0.85);
    setTransform(QTransform::fromScale(scale, scale));
    whole >= 0.45 ? centerOn(all.center()) : centerOn(all.center().x(), 0.0);
    if (whole < 0.45 && m_selection->current()) {
        followSelection();
    }
}

void GraphView::wheelEvent(QWheelEvent* event)
{
    const double factor = std::pow(1.0015, event->angleDelta().y());
    const double now = transform().m11() * factor;
    if (now > 0.02 && now < 4.0) {
        m_userZoomed = true;
        scale(factor, factor);
    }
    event->accept();
}

void GraphView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        if (const auto* const node = dynamic_cast<NodeItem*>(itemAt(event->pos()))) {
            const core::OperatorId op = m_results->report->layers[static_cast<std::size_t>(node->index)]->id;
            std::vector<core::OperatorId> chosen{op};
            if (event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)) {
                chosen.insert(chosen.begin(), m_selection->operators().begin(),
                              m_selection->operators().end());
            }
            m_selection->selectMany(chosen, op);
            return;
        }
    }
    QGraphicsView::mousePressEvent(event);
}

void GraphView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    const std::pair<QString, Metric> metrics[]{{tr("Colour by error at the output"), Metric::AtOutput},
                                               {tr("Colour by isolated error"), Metric::Isolated},
                                               {tr("Colour by accumulated error"), Metric::Accumulated}};
    for (const auto& [text, metric] : metrics) {
        QAction* const action = menu.addAction(text, this, [this, metric = metric] { setMetric(metric); });
        action->setCheckable(true);
        action->setChecked(m_metric == metric);
    }
    menu.addSeparator();
    menu.addAction(tr("Fit"), this, &GraphView::fit);
    menu.exec(event->globalPos());
}

void GraphView::drawForeground(QPainter* painter, const QRectF&)
{
    painter->resetTransform();
    painter->setFont(font());
    if (!m_results) {
        painter->setPen(palette().color(QPalette::WindowText));
        painter->drawText(viewport()->rect(), Qt::AlignCenter,
                          tr("No results yet.\nOpen a model with Ctrl+O; its graph appears here."));
        return;
    }
    const bool dark = isDark(palette());
    const QString titles[]{tr("error at output"), tr("isolated error"), tr("accumulated error")};
    const int line = fontMetrics().height();
    const QRect bar(12, viewport()->height() - line - 18, 150, 9);
    QRect ground = bar.adjusted(-8, -line - 8, 8, line + 10);
    QColor veil = palette().color(QPalette::Base);
    veil.setAlphaF(0.88F);
    painter->fillRect(ground, veil);
    for (int x = 0; x < bar.width(); ++x) {
        painter->fillRect(bar.left() + x, bar.top(), 1, bar.height(),
                          heatColor(double(x) / (bar.width() - 1), dark));
    }
    painter->setPen(palette().color(QPalette::PlaceholderText));
    painter->drawRect(bar.adjusted(-1, -1, 0, 0));
    painter->drawText(bar.left(), bar.top() - 5,
                      titles[static_cast<int>(shownMetric())] + tr(", relative L2"));
    const int below = bar.bottom() + line;
    painter->drawText(bar.left(), below, tr("0.1 %"));
    painter->drawText(QRect(bar.left(), bar.bottom() + 2, bar.width(), line + 2), Qt::AlignHCenter,
                      tr("3 %"));
    painter->drawText(QRect(bar.left(), bar.bottom() + 2, bar.width(), line + 2), Qt::AlignRight,
                      tr("100 %"));
}

void GraphView::changeEvent(QEvent* event)
{
    QGraphicsView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_results) {
        recolor();
    }
}

void GraphView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    if (!m_userZoomed) {
        fit();
    }
}

} // namespace views
