#include "views/base/plot_tools.h"

#include "views/base/theme.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <qcustomplot.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace views {

namespace {

void colorAxis(QCPAxis* axis, const PlotColors& colors)
{
    axis->setBasePen(QPen(colors.muted, 1));
    axis->setTickPen(QPen(colors.muted, 1));
    axis->setSubTickPen(QPen(colors.muted, 1));
    axis->setTickLabelColor(colors.muted);
    axis->setLabelColor(colors.muted);
    axis->grid()->setPen(QPen(colors.grid, 1));
    axis->grid()->setSubGridVisible(false);
    axis->grid()->setZeroLinePen(QPen(colors.baseline, 1));
    axis->setTickLengthIn(0);
    axis->setTickLengthOut(4);
    axis->setSubTickLengthIn(0);
    axis->setSubTickLengthOut(0);
}

bool saveSvg(QCustomPlot* plot, const QString& file)
{
    QSvgGenerator generator;
    generator.setFileName(file);
    generator.setSize(plot->size());
    generator.setViewBox(plot->rect());
    QCPPainter painter;
    if (!painter.begin(&generator)) {
        return false;
    }
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot->toPainter(&painter, plot->width(), plot->height());
    return painter.end();
}

bool saveText(const QString& text, const QString& file)
{
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(text.toUtf8()) >= 0 && out.commit();
}

bool renderTo(QWidget* widget, QPaintDevice* device)
{
    QPainter painter;
    if (!painter.begin(device)) {
        return false;
    }
    const double scale = double(device->width()) / widget->width();
    painter.scale(scale, scale);
    widget->render(&painter, {}, {}, QWidget::DrawChildren);
    return painter.end();
}

/// The menu of whatever can be saved under a name by its ending.
void installSaveMenu(QWidget* widget, const QString& name, const std::function<bool(const QString&)>& save)
{
    widget->setContextMenuPolicy(Qt::CustomContextMenu);
    QObject::connect(widget, &QWidget::customContextMenuRequested, widget, [=](QPoint position) {
        QMenu menu(widget);
        menu.setObjectName(QStringLiteral("saveMenu"));
        for (const char* const ending : {"png", "svg", "pdf", "csv"}) {
            const QString suffix = QLatin1String(ending);
            const QString text = QCoreApplication::translate("plot", "Save as %1…").arg(suffix.toUpper());
            menu.addAction(text, widget, [=] {
                const QString file = QFileDialog::getSaveFileName(
                    widget, {}, name + QLatin1Char('.') + suffix, QStringLiteral("*.%1").arg(suffix));
                if (!file.isEmpty() && !save(file)) {
                    QMessageBox::warning(
                        widget, {}, QCoreApplication::translate("plot", "%1 cannot be written.").arg(file));
                }
            });
        }
        menu.exec(widget->mapToGlobal(position));
    });
}

} // namespace

void applyColors(QCustomPlot* plot, const PlotColors& colors)
{
    plot->setBackground(colors.ground);
    QFont font = plot->font();
    font.setPointSizeF(font.pointSizeF() * 0.9);
    for (QCPAxisRect* const rect : plot->axisRects()) {
        rect->setBackground(colors.ground);
        for (QCPAxis* const axis : rect->axes()) {
            colorAxis(axis, colors);
            axis->setTickLabelFont(font);
            axis->setLabelFont(font);
        }
    }
}

void placeAcross(QCPItemPosition* position, QCPAxisRect* rect)
{
    position->setAxisRect(rect);
    position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    position->setTypeX(QCPItemPosition::ptPlotCoords);
    position->setTypeY(QCPItemPosition::ptAxisRectRatio);
}

QCPItemStraightLine* makeValueLine(QCustomPlot* plot, QCPAxisRect* rect)
{
    auto* const line = new QCPItemStraightLine(plot);
    line->setClipAxisRect(rect);
    placeAcross(line->point1, rect);
    placeAcross(line->point2, rect);
    line->point1->setCoords(0.0, 0.0);
    line->point2->setCoords(0.0, 1.0);
    return line;
}

void installPlotMenu(QCustomPlot* plot, const QString& name)
{
    installSaveMenu(plot, name, [plot](const QString& file) { return savePlot(plot, file); });
}

void installWidgetMenu(QWidget* widget, const QString& name, std::function<QString()> csv)
{
    installSaveMenu(widget, name, [widget, csv = std::move(csv)](const QString& file) {
        return saveWidget(widget, file, csv);
    });
}

bool saveWidget(QWidget* widget, const QString& file, const std::function<QString()>& csv)
{
    const QString suffix = QFileInfo(file).suffix().toLower();
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setFileName(file);
        generator.setSize(widget->size());
        generator.setViewBox(widget->rect());
        return renderTo(widget, &generator);
    }
    if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(file);
        writer.setPageSize(QPageSize(QSizeF(widget->size()) * 0.75, QPageSize::Point)); // 96 pixels an inch
        writer.setPageMargins({});
        return renderTo(widget, &writer);
    }
    if (suffix == QLatin1String("csv")) {
        return saveText(csv(), file);
    }
    QImage image(widget->size() * 2, QImage::Format_ARGB32);
    image.fill(widget->palette().color(QPalette::Window));
    return renderTo(widget, &image) && image.save(file);
}

bool savePlot(QCustomPlot* plot, const QString& file)
{
    const QString suffix = QFileInfo(file).suffix().toLower();
    if (suffix == QLatin1String("svg")) {
        return saveSvg(plot, file);
    }
    if (suffix == QLatin1String("pdf")) {
        return plot->savePdf(file);
    }
    if (suffix == QLatin1String("csv")) {
        return saveText(plotAsCsv(plot), file);
    }
    return plot->savePng(file, 0, 0, 2.0);
}

namespace {

/// Name, then keys and values of anything that is drawn as a line.
struct Column
{
    QString name;
    std::vector<std::pair<double, double>> points;
};

std::vector<Column> columnsOf(const QCustomPlot* plot)
{
    std::vector<Column> columns;
    for (int i = 0; i < plot->plottableCount(); ++i) {
        QCPAbstractPlottable* const drawn = const_cast<QCustomPlot*>(plot)->plottable(i);
        Column column{QString(drawn->name()).replace(QLatin1Char(','), QLatin1Char(';')), {}};
        if (const auto* const graph = qobject_cast<QCPGraph*>(drawn)) {
            for (const QCPGraphData& point : *graph->data()) {
                column.points.emplace_back(point.key, point.value);
            }
        } else if (const auto* const curve = qobject_cast<QCPCurve*>(drawn)) {
            for (const QCPCurveData& point : *curve->data()) {
                column.points.emplace_back(point.key, point.value);
            }
        } else {
            continue;
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

QString mapsAsCsv(const QCustomPlot* plot)
{
    QString text;
    for (int i = 0; i < plot->plottableCount(); ++i) {
        auto* const map = qobject_cast<QCPColorMap*>(const_cast<QCustomPlot*>(plot)->plottable(i));
        if (!map || map->data()->isEmpty()) {
            continue;
        }
        text += QStringLiteral("\n%1 x,y,value\n").arg(map->name());
        for (int y = 0; y < map->data()->valueSize(); ++y) {
            for (int x = 0; x < map->data()->keySize(); ++x) {
                double key = 0.0;
                double value = 0.0;
                map->data()->cellToCoord(x, y, &key, &value);
                text += QStringLiteral("%1,%2,%3\n")
                            .arg(QString::number(key, 'g', 9), QString::number(value, 'g', 9),
                                 QString::number(map->data()->cell(x, y), 'g', 6));
            }
        }
    }
    return text;
}

} // namespace

QString plotAsCsv(const QCustomPlot* plot)
{
    const std::vector<Column> columns = columnsOf(plot);
    QStringList header;
    std::size_t rows = 0;
    for (const Column& column : columns) {
        header << column.name + QStringLiteral(" x") << column.name + QStringLiteral(" y");
        rows = std::max(rows, column.points.size());
    }
    QString text = header.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (std::size_t row = 0; row < rows; ++row) {
        QStringList cells;
        for (const Column& column : columns) {
            const bool has = row < column.points.size();
            cells << (has ? QString::number(column.points[row].first, 'g', 9) : QString())
                  << (has ? QString::number(column.points[row].second, 'g', 9) : QString());
        }
        text += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text + mapsAsCsv(plot);
}

} // namespace views
