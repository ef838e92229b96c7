#include "views/distribution/threshold_lines.h"

#include "views/base/plot_tools.h"

#include <qcustomplot.h>

namespace views {

ThresholdLines::ThresholdLines(QCustomPlot* plot, QCPAxisRect* rect)
    : m_plot(plot)
    , m_rect(rect)
{
}

void ThresholdLines::setRanges(std::vector<core::Range> ranges)
{
    m_ranges = std::move(ranges);
    draw();
}

void ThresholdLines::setColors(const PlotColors& colors)
{
    m_colors = colors;
    draw();
}

bool ThresholdLines::setHighlighted(int series)
{
    if (series == m_highlighted) {
        return false;
    }
    m_highlighted = series;
    draw();
    return true;
}

void ThresholdLines::draw()
{
    for (QCPItemStraightLine* const line : m_lines) {
        m_plot->removeItem(line);
    }
    m_lines.clear();
    for (std::size_t series = 0; series < m_ranges.size(); ++series) {
        const bool strong = static_cast<int>(series) == m_highlighted;
        for (const double at : {m_ranges[series].min, m_ranges[series].max}) {
            if (at == 0.0) {
                continue; // every range contains zero; a line there says nothing
            }
            QCPItemStraightLine* const line = makeValueLine(m_plot, m_rect);
            line->point1->setCoords(at, 0.0);
            line->point2->setCoords(at, 1.0);
            line->setPen(QPen(m_colors.series[series % m_colors.series.size()], strong ? 2.6 : 1.3,
                              strong ? Qt::SolidLine : Qt::DashLine));
            m_lines.push_back(line);
        }
    }
}

} // namespace views
