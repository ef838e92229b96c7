#pragma once

#include <QString>

class QCPAxisRect;
class QCustomPlot;

namespace views {

struct PlotColors;

/// Ground, axes, grids and fonts of every axis rect.
void applyColors(QCustomPlot* plot, const PlotColors& colors);

/// Context menu of a plot: fit, and save as PNG, SVG, PDF or CSV. `name` proposes a file name.
void installPlotMenu(QCustomPlot* plot, const QString& name);

/// Writes the plot by the ending of the file: png, svg, pdf, csv. False when it cannot be written.
bool savePlot(QCustomPlot* plot, const QString& file);

/// All graphs of the plot, one column of keys and one of values each.
[[nodiscard]] QString plotAsCsv(const QCustomPlot* plot);

} // namespace views
