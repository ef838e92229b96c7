#pragma once

#include <QString>

#include <functional>

class QCPAxisRect;
class QCPItemPosition;
class QCPItemStraightLine;
class QCustomPlot;
class QWidget;

namespace views {

struct PlotColors;

/// Ground, axes, grids and fonts of every axis rect.
void applyColors(QCustomPlot* plot, const PlotColors& colors);

/// x in the unit of the rect's bottom axis, y as a share of its height.
void placeAcross(QCPItemPosition* position, QCPAxisRect* rect);

/// A vertical line at value 0 across the whole height of the rect; move it by the x of both its points.
[[nodiscard]] QCPItemStraightLine* makeValueLine(QCustomPlot* plot, QCPAxisRect* rect);

/// Context menu of a plot: fit, and save as PNG, SVG, PDF or CSV. `name` proposes a file name.
void installPlotMenu(QCustomPlot* plot, const QString& name);

/// Writes the plot by the ending of the file: png, svg, pdf, csv. False when it cannot be written.
bool savePlot(QCustomPlot* plot, const QString& file);

/// The same menu for a widget that paints itself; `csv` gives its numbers.
void installWidgetMenu(QWidget* widget, const QString& name, std::function<QString()> csv);
bool saveWidget(QWidget* widget, const QString& file, const std::function<QString()>& csv);

/// All graphs and curves of the plot, one column of keys and one of values each; then its maps, one line per
/// cell.
[[nodiscard]] QString plotAsCsv(const QCustomPlot* plot);

} // namespace views
