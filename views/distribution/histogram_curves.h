#pragma once

#include "core/report/report.h"
#include "views/base/distribution_bins.h"

#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCustomPlot;

namespace views {

struct PlotColors;

/// Two histograms of one grid on one pair of axes: FP32 values filled, dequantized ones as a line.
class HistogramCurves
{
public:
    enum class CountScale
    {
        Logarithmic,
        Linear
    };

    HistogramCurves(QCustomPlot* plot, QCPAxisRect* rect);

    void setGrid(const DisplayGrid& grid) { m_grid = grid; }
    [[nodiscard]] const DisplayGrid& grid() const { return m_grid; }
    void setFp32(const std::vector<double>& counts); ///< by bin of the grid
    /// Scaled to as many values as FP32 has: codes may be of other data than the statistics.
    void setCodes(const core::CodeCounts& codes, const core::QuantizationParams& params,
                  const core::Moments& fp32);
    void clearCodes();
    void clear();

    void setScale(CountScale scale); ///< and fits the counts
    [[nodiscard]] CountScale scale() const { return m_scale; }
    void fitCounts();
    void fitValues(); ///< all of the grid, with a margin
    void setColors(const PlotColors& colors);

private:
    QCPGraph* addSteps(const QString& name);
    void draw(QCPGraph* graph, const std::vector<double>& counts);

    QCustomPlot* m_plot;
    QCPAxisRect* m_rect;
    QCPGraph* m_fp32;
    QCPGraph* m_quantized;
    DisplayGrid m_grid;
    double m_highest = 1.0;
    CountScale m_scale = CountScale::Logarithmic;
};

} // namespace views
