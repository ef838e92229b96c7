#include "views/plot_tools.h"

#include "views/theme.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QSaveFile>
#include <QSvgGenerator>
#include <qcustomplot.h>

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

void installPlotMenu(QCustomPlot* plot, const QString& name)
{
    plot->setContextMenuPolicy(Qt::CustomContextMenu);
    QObject::connect(plot, &QWidget::customContextMenuRequested, plot, [plot, name](QPoint position) {
        QMenu menu(plot);
        for (const char* const ending : {"png", "svg", "pdf", "csv"}) {
            const QString suffix = QLatin1String(ending);
            menu.addAction(
                QCoreApplication::translate("plot", "Save as %1…").arg(suffix.toUpper()), plot, [=] {
                    const QString file = QFileDialog::getSaveFileName(
                        plot, {}, name + QLatin1Char('.') + suffix, QStringLiteral("*.%1").arg(suffix));
                    if (!file.isEmpty() && !savePlot(plot, file)) {
                        QMessageBox::warning(
                            plot, {}, QCoreApplication::translate("plot", "%1 cannot be written.").arg(file));
                    }
                });
        }
        menu.exec(plot->mapToGlobal(position));
    });
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
        QSaveFile out(file);
        return out.open(QIODevice::WriteOnly) && out.write(plotAsCsv(plot).toUtf8()) >= 0 && out.commit();
    }
    return plot->savePng(file, 0, 0, 2.0);
}

QString plotAsCsv(const QCustomPlot* plot)
{
    QStringList header;
    int rows = 0;
    for (int i = 0; i < plot->graphCount(); ++i) {
        const QString name = QString(plot->graph(i)->name()).replace(QLatin1Char(','), QLatin1Char(';'));
        header << name + QStringLiteral(" x") << name + QStringLiteral(" y");
        rows = std::max(rows, plot->graph(i)->dataCount());
    }
    QString text = header.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (int row = 0; row < rows; ++row) {
        QStringList cells;
        for (int i = 0; i < plot->graphCount(); ++i) {
            const auto data = plot->graph(i)->data();
            const bool has = row < data->size();
            cells << (has ? QString::number(data->at(row)->key, 'g', 9) : QString())
                  << (has ? QString::number(data->at(row)->value, 'g', 9) : QString());
        }
        text += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text;
}

} // namespace views
