// The mouse on the graph and its tooltips.
#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/graph/graph_item.h"
#include "views/graph/graph_view.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>

namespace views {

std::optional<std::uint32_t> GraphView::boxAt(QPoint position) const
{
    return m_results ? m_item->boxAt(mapToScene(position)) : std::nullopt;
}

void GraphView::mousePressEvent(QMouseEvent* event)
{
    const auto index = boxAt(event->pos());
    if (event->button() != Qt::LeftButton || !index) {
        QGraphicsView::mousePressEvent(event);
        return;
    }
    choose(*index, event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier));
}

void GraphView::choose(std::uint32_t index, bool also)
{
    const GraphBox& box = picture().boxes[index];
    const core::OperatorId leading = m_results->report->layers[worstOf(box)]->id;
    std::vector<core::OperatorId> chosen;
    if (also) {
        chosen = m_selection->operators();
    }
    for (std::uint32_t i = box.first; i < box.first + box.count; ++i) {
        chosen.push_back(m_results->report->layers[i]->id);
    }
    m_selection->selectMany(chosen, leading);
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const auto index = boxAt(event->pos());
    if (event->button() == Qt::LeftButton && index) {
        const GraphBox& box = picture().boxes[*index];
        if (box.isBlock() || box.nodes > 1) {
            toggle(*index);
        }
        return;
    }
    QGraphicsView::mouseDoubleClickEvent(event);
}

void GraphView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("graphMenu"));
    QMenu* const colours = menu.addMenu(tr("Colour by"));
    for (const Metric metric : kGraphMetrics) {
        QAction* const action =
            colours->addAction(menuTextOf(metric), this, [this, metric] { setMetric(metric); });
        action->setCheckable(true);
        action->setChecked(m_metric == metric);
    }
    const auto index = boxAt(event->pos());
    if (index && m_operatorMenu) {
        const core::OperatorId first = m_results->report->layers[picture().boxes[*index].first]->id;
        if (std::ranges::find(m_selection->operators(), first) == m_selection->operators().end()) {
            choose(*index, false);
        }
        menu.insertMenu(menu.actions().front(), m_operatorMenu);
    }
    if (index && picture().boxes[*index].isBlock()) {
        menu.addAction(tr("Open the block"), this, [this, index] { toggle(*index); });
    } else if (index && picture().boxes[*index].nodes > 1) {
        menu.addAction(picture().boxes[*index].inner.empty() ? tr("Show its ONNX nodes")
                                                             : tr("Hide its ONNX nodes"),
                       this, [this, index] { toggle(*index); });
    }
    menu.addSeparator();
    menu.addAction(tr("Repeated blocks as one box"), this, [this] { setCollapsed(true); });
    menu.addAction(tr("Every operator"), this, [this] { setCollapsed(false); });
    menu.addSeparator();
    menu.addAction(tr("Fit"), this, &GraphView::fit);
    menu.exec(event->globalPos());
}

QString GraphView::tipOf(std::uint32_t index) const
{
    const GraphBox& box = picture().boxes[index];
    const core::LayerReport& layer = *m_results->report->layers[worstOf(box)];
    const QString name = QString::fromStdString(layer.name);
    const QString numbers =
        tr("at output %1, isolated %2, accumulated %3 (relative L2, %n samples)", nullptr,
           static_cast<int>(m_results->report->samples))
            .arg(relativeText(layer.atOutput), relativeText(layer.isolated), relativeText(layer.accumulated));
    if (box.isBlock()) {
        return tr("%1: %n operators, double click opens it", nullptr, static_cast<int>(box.count))
                   .arg(QString::fromStdString(box.title))
            + tr("\nworst: %1, %2").arg(name, numbers);
    }
    QString tip = tr("%1 (%2)\n%3").arg(name, QString::fromStdString(layer.type), numbers);
    if (box.nodes > 1) {
        tip +=
            tr("\nfused from %n ONNX nodes, double click shows them", nullptr, static_cast<int>(box.nodes));
    }
    if (!layer.reason.empty()) {
        tip += QLatin1Char('\n') + QString::fromStdString(layer.reason);
    }
    return tip;
}

bool GraphView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const auto index = boxAt(help->pos())) {
            QToolTip::showText(help->globalPos(), tipOf(*index), viewport());
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QGraphicsView::viewportEvent(event);
}

} // namespace views
