// Colours, widths and marks of the graph, and what does not scroll with it.
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/graph/graph_item.h"
#include "views/graph/graph_legend.h"
#include "views/graph/graph_view.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace views {

GraphView::Metric GraphView::shownMetric() const
{
    if (m_metric == Metric::AtOutput && m_results) {
        const bool measured = std::ranges::any_of(
            m_results->report->layers, [](const auto& layer) { return layer->atOutput.has_value(); });
        return measured ? Metric::AtOutput : Metric::Isolated;
    }
    return m_metric;
}

std::uint32_t GraphView::worstOf(const GraphBox& box) const
{
    const Metric metric = shownMetric();
    std::uint32_t worst = box.first;
    for (std::uint32_t i = box.first + 1; i < box.first + box.count; ++i) {
        if (valueOf(metric, *m_results->report->layers[i])
            > valueOf(metric, *m_results->report->layers[worst])) {
            worst = i; // an empty optional is less than any number
        }
    }
    return worst;
}

void GraphView::recolor()
{
    const bool dark = isDark(palette());
    const PlotColors colors = plotColors(palette());
    setBackgroundBrush(palette().color(QPalette::Base));
    m_item->setColors({palette().color(QPalette::Mid), palette().color(QPalette::Highlight), colors.baseline,
                       palette().color(QPalette::Base)});
    const Metric metric = shownMetric();
    const GraphScale scale = scaleOf(metric);
    m_legend->setMetric(metric);
    m_legend->setVisible(m_results != nullptr);
    for (std::size_t i = 0; m_results && i < picture().boxes.size(); ++i) {
        const GraphBox& box = picture().boxes[i];
        const core::LayerReport& layer = *m_results->report->layers[worstOf(box)];
        const auto value = valueOf(metric, layer);
        BoxLook& look = m_item->looks()[i];
        look.detail = box.isBlock() ? tr("worst") : QString::fromStdString(layer.type);
        look.detail += value ? QStringLiteral(" · ") + valueText(metric, *value) : QString();
        look.flagged = !box.isBlock() && !layer.effective.isInteger();
        if (look.flagged) {
            look.detail += QStringLiteral(" · ") + QString::fromStdString(core::toString(layer.effective));
        }
        look.ground =
            value && !m_stale ? heatColor(scale.heat(*value), dark) : palette().color(QPalette::Button);
        look.text = m_stale ? colors.muted : textOn(look.ground);
    }
    const GraphScale flow = scaleOf(Metric::Accumulated);
    for (std::size_t i = 0; m_results && i < picture().edges.size(); ++i) {
        // Width by the accumulated error of the value that flows: 1 px at 0.1 %, 6 px at 100 %.
        double heat = 0.0;
        for (const std::uint32_t source : picture().edges[i].sources) {
            heat = std::max(
                heat,
                flow.heat(valueOf(Metric::Accumulated, *m_results->report->layers[source]).value_or(0.0)));
        }
        m_item->edgeWidths()[i] = 1.0 + 5.0 * heat;
    }
    updateMarks();
}

void GraphView::updateMarks()
{
    for (BoxLook& look : m_item->looks()) {
        look.selected = false;
    }
    if (m_results) {
        const auto& layers = m_results->report->layers;
        for (const core::OperatorId op : m_selection->operators()) {
            if (core::indexOf(op) < picture().boxOf.size()) {
                m_item->looks()[picture().boxOf[core::indexOf(op)]].selected = true;
            }
        }
        const bool all = m_query.isEmpty() && m_findQuery.isEmpty();
        for (std::size_t i = 0; i < picture().boxes.size(); ++i) {
            const GraphBox& box = picture().boxes[i];
            bool matches = all;
            for (std::uint32_t k = box.first; !matches && k < box.first + box.count; ++k) {
                matches = (m_query.isEmpty() || m_query.matches(*layers[k]))
                    && (m_findQuery.isEmpty() || m_findQuery.matches(*layers[k]));
            }
            m_item->looks()[i].dimmed = !matches;
        }
    }
    viewport()->update();
}

void GraphView::drawForeground(QPainter* painter, const QRectF&)
{
    painter->save();
    painter->resetTransform();
    painter->setBrush(Qt::NoBrush); // the item leaves its own
    painter->setFont(font());
    if (!m_results) {
        painter->setPen(palette().color(QPalette::WindowText));
        painter->drawText(viewport()->rect().adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                          tr("No results yet: they come with the first run.\nOpen a model with Ctrl+O; its "
                             "graph appears here."));
        painter->restore();
        return;
    }
    if (isArranging()) {
        painter->setPen(palette().color(QPalette::PlaceholderText));
        painter->drawText(viewport()->rect().adjusted(0, 4, -8, 0), Qt::AlignTop | Qt::AlignRight,
                          tr("arranging…"));
    }
    painter->restore();
}

} // namespace views
