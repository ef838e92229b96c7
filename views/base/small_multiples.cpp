#include "views/base/small_multiples.h"

#include "views/base/plot_tools.h"
#include "views/base/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr int kLeastWidth = 150;
constexpr int kLeastHeight = 68;
constexpr int kGap = 6;

} // namespace

SmallMultiples::SmallMultiples(const QString& name, const QString& accessibleName, Shape shape,
                               QWidget* parent)
    : QWidget(parent)
    , m_shape(shape)
{
    setObjectName(name);
    setAccessibleName(accessibleName);
    setFocusPolicy(Qt::StrongFocus);
    installWidgetMenu(this, name, [this] { return asCsv(); });
}

void SmallMultiples::setPanels(std::vector<Panel> panels, const Axes& axes)
{
    m_panels = std::move(panels);
    m_axes = axes;
    fitHeight();
    update();
}

void SmallMultiples::setChosen(std::optional<int> key)
{
    m_chosen = key;
    update();
}

int SmallMultiples::columns() const
{
    return std::clamp(width() / kLeastWidth, 1, std::max(1, static_cast<int>(m_panels.size())));
}

void SmallMultiples::fitHeight()
{
    const int rows = (static_cast<int>(m_panels.size()) + columns() - 1) / columns();
    setMinimumHeight(std::max(1, rows) * kLeastHeight);
}

QRect SmallMultiples::cell(std::size_t index) const
{
    const int across = columns();
    const int rows = (static_cast<int>(m_panels.size()) + across - 1) / across;
    const int column = static_cast<int>(index) % across;
    const int row = static_cast<int>(index) / across;
    const int left = column * width() / across;
    const int top = row * height() / std::max(1, rows);
    const int right = (column + 1) * width() / across;
    const int bottom = (row + 1) * height() / std::max(1, rows);
    return QRect(QPoint(left, top), QPoint(right - 1, bottom - 1)).adjusted(kGap / 2, 1, -kGap / 2, -1);
}

QRect SmallMultiples::panelRect(int key) const
{
    const auto found = std::ranges::find(m_panels, key, &Panel::key);
    return found == m_panels.end() ? QRect() : cell(static_cast<std::size_t>(found - m_panels.begin()));
}

QPolygonF SmallMultiples::outline(const std::vector<QPointF>& points, const QRectF& area) const
{
    const double across = std::max(m_axes.x.max - m_axes.x.min, 1e-30);
    const auto level = [&](double y) {
        return m_shape == Shape::Histogram ? std::log1p(std::max(0.0, y)) : y;
    };
    const double low = level(m_axes.y.min);
    const double up = std::max(level(m_axes.y.max) - low, 1e-30);
    QPolygonF polygon;
    for (const QPointF& point : points) {
        const double x = area.left() + (point.x() - m_axes.x.min) / across * area.width();
        const double y = area.bottom() - std::clamp((level(point.y()) - low) / up, 0.0, 1.0) * area.height();
        if (m_shape == Shape::Histogram && !polygon.isEmpty()) {
            polygon << QPointF(x, polygon.back().y());
        }
        polygon << QPointF(x, y);
    }
    return polygon;
}

void SmallMultiples::paintPanel(QPainter& painter, const Panel& panel, const QRect& cell) const
{
    const PlotColors colors = plotColors(palette());
    const int line = fontMetrics().height();
    QFont font = this->font();
    font.setBold(panel.best);
    painter.setFont(font);
    const QFontMetrics metrics(font);
    const QRect head(cell.left() + 3, cell.top(), cell.width() - 6, line);
    const int valueWidth = metrics.horizontalAdvance(panel.value) + 6;
    painter.setPen(colors.text);
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, panel.value);
    painter.drawText(head.adjusted(0, 0, -valueWidth, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText((panel.current ? QStringLiteral("● ") : QString()) + panel.title,
                                        Qt::ElideRight, head.width() - valueWidth));
    const QRectF area(cell.left(), cell.top() + line + 1, cell.width(), cell.height() - line - 2);
    painter.fillRect(area, colors.ground);
    painter.save();
    painter.setClipRect(area);
    if (panel.range) {
        QColor tail = colors.clipped;
        tail.setAlphaF(0.16F);
        const double scale = area.width() / std::max(m_axes.x.max - m_axes.x.min, 1e-30);
        const double from = area.left() + (panel.range->min - m_axes.x.min) * scale;
        const double to = area.left() + (panel.range->max - m_axes.x.min) * scale;
        painter.fillRect(QRectF(area.topLeft(), QPointF(from, area.bottom())), tail);
        painter.fillRect(QRectF(QPointF(to, area.top()), area.bottomRight()), tail);
    }
    painter.setRenderHint(QPainter::Antialiasing, m_shape == Shape::Line);
    painter.setPen(QPen(colors.baseline, 1.4));
    painter.drawPolyline(outline(panel.behind, area));
    QPolygonF curve = outline(panel.curve, area);
    painter.setPen(QPen(m_shape == Shape::Line ? colors.quantized : colors.fp32, 1.4));
    painter.drawPolyline(curve);
    if (m_shape == Shape::Histogram && !curve.isEmpty()) {
        QColor fill = colors.fp32;
        fill.setAlphaF(0.28F);
        curve << QPointF(curve.back().x(), area.bottom()) << QPointF(curve.front().x(), area.bottom());
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawPolygon(curve);
    }
    if (panel.range) {
        painter.setPen(QPen(colors.handle, 1.2));
        const double scale = area.width() / std::max(m_axes.x.max - m_axes.x.min, 1e-30);
        for (const double at : {panel.range->min, panel.range->max}) {
            const double x = area.left() + (at - m_axes.x.min) * scale;
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        }
    }
    painter.restore();
    const bool chosen = m_chosen == panel.key;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(chosen ? palette().color(QPalette::Highlight) : colors.grid, chosen ? 2 : 1));
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5));
}

void SmallMultiples::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        paintPanel(painter, m_panels[i], cell(i));
    }
}

const SmallMultiples::Panel* SmallMultiples::panelAt(QPoint position) const
{
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        if (cell(i).contains(position)) {
            return &m_panels[i];
        }
    }
    return nullptr;
}

void SmallMultiples::mousePressEvent(QMouseEvent* event)
{
    const Panel* const panel = event->button() == Qt::LeftButton ? panelAt(event->pos()) : nullptr;
    if (panel) {
        setChosen(panel->key);
        emit chosen(panel->key);
    }
}

void SmallMultiples::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const Panel* const panel = panelAt(event->pos())) {
        emit activated(panel->key);
    }
}

void SmallMultiples::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Right ? 1
        : event->key() == Qt::Key_Left             ? -1
        : event->key() == Qt::Key_Down             ? columns()
        : event->key() == Qt::Key_Up               ? -columns()
                                                   : 0;
    if (m_panels.empty()) {
        QWidget::keyPressEvent(event);
    } else if (step != 0) {
        const auto at = m_chosen ? std::ranges::find(m_panels, *m_chosen, &Panel::key) : m_panels.end();
        const int from = at == m_panels.end() ? -step : static_cast<int>(at - m_panels.begin());
        const int to = std::clamp(from + step, 0, static_cast<int>(m_panels.size()) - 1);
        setChosen(m_panels[static_cast<std::size_t>(to)].key);
        emit chosen(*m_chosen);
    } else if (m_chosen && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        emit activated(*m_chosen);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void SmallMultiples::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

bool SmallMultiples::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const Panel* const panel = panelAt(help->pos())) {
            QToolTip::showText(help->globalPos(), panel->toolTip, this);
            return true;
        }
    }
    return QWidget::event(event);
}

QString SmallMultiples::asCsv() const
{
    QString text = QStringLiteral("panel,x,y\n");
    for (const Panel& panel : m_panels) {
        const QString title = QString(panel.title).replace(QLatin1Char(','), QLatin1Char(';'));
        for (const QPointF& point : panel.curve) {
            text += QStringLiteral("%1,%2,%3\n")
                        .arg(title, QString::number(point.x(), 'g', 9), QString::number(point.y(), 'g', 9));
        }
    }
    return text;
}

} // namespace views
