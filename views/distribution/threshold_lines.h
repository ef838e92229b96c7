#pragma once

#include "core/params/quantization_params.h"
#include "views/base/theme.h"

#include <utility>
#include <vector>

class QCPAxisRect;
class QCPItemStraightLine;
class QCustomPlot;

namespace views {

/// Thresholds of several methods as lines across a plot, each in the colour of its series.
class ThresholdLines
{
public:
    ThresholdLines(QCustomPlot* plot, QCPAxisRect* rect);

    void setRanges(std::vector<core::Range> ranges); ///< index = series
    void setColors(const PlotColors& colors);
    bool setHighlighted(int series); ///< −1: none. False when it was that already
    [[nodiscard]] std::size_t count() const { return m_lines.size(); }

private:
    void draw();

    QCustomPlot* m_plot;
    QCPAxisRect* m_rect;
    std::vector<QCPItemStraightLine*> m_lines;
    std::vector<core::Range> m_ranges;
    PlotColors m_colors;
    int m_highlighted = -1;
};

} // namespace views
