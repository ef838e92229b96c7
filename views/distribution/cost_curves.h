#pragma once

#include "core/calibration/cost_curve.h"

#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCustomPlot;

namespace views {

struct PlotColors;

/// Clip, round and total L2 error against the threshold, below a histogram on the same value axis.
class CostCurves
{
public:
    explicit CostCurves(QCustomPlot* plot); ///< adds an axis rect below what is there

    void setCurve(const std::vector<core::CostPoint>& curve); ///< relative to ‖y‖₂
    void clear();
    void setColors(const PlotColors& colors);
    [[nodiscard]] QCPAxisRect* rect() const { return m_rect; }

private:
    QCPAxisRect* m_rect;
    QCPGraph* m_clip;
    QCPGraph* m_round;
    QCPGraph* m_total;
};

} // namespace views
