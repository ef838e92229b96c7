#include "views/graph/graph_legend.h"

#include "views/base/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr int kBar = 8; // height of the colours
constexpr int kMargin = 6;

} // namespace

GraphLegend::GraphLegend(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("graphLegend"));
    setAccessibleName(tr("Scale of the graph's colours"));
    setAutoFillBackground(true);
    setMetric(m_metric);
}

void GraphLegend::setMetric(GraphMetric metric)
{
    m_metric = metric;
    setToolTip(formulaOf(metric));
    update();
}

QSize GraphLegend::sizeHint() const { return {160, 2 * fontMetrics().height() + kBar + kMargin}; }

void GraphLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const GraphScale scale = scaleOf(m_metric);
    const bool dark = isDark(palette());
    const int line = fontMetrics().height();
    const int wide =
        std::min(width() - 2 * kMargin, std::max(220, fontMetrics().horizontalAdvance(scale.title)));
    const QRect bar(kMargin, line + 2, wide, kBar);
    for (int x = 0; x < bar.width(); ++x) {
        painter.fillRect(bar.left() + x, bar.top(), 1, bar.height(),
                         heatColor(double(x) / (bar.width() - 1), dark));
    }
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawRect(bar.adjusted(-1, -1, 0, 0));
    painter.drawText(QRect(kMargin, 0, width() - 2 * kMargin, line), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(scale.title, Qt::ElideRight, width() - 2 * kMargin));
    const QRect below(bar.left(), bar.bottom() + 2, bar.width(), line);
    painter.drawText(below, Qt::AlignLeft, legendText(m_metric, scale.low));
    painter.drawText(below, Qt::AlignHCenter, legendText(m_metric, std::sqrt(scale.low * scale.high)));
    painter.drawText(below, Qt::AlignRight, legendText(m_metric, scale.high));
}

} // namespace views
