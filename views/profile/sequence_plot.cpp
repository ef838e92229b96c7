#include "views/profile/sequence_plot.h"

#include "views/base/format.h"
#include "views/base/plot_tools.h"
#include "views/base/theme.h"

#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

std::optional<double> sqnrDb(const std::optional<double>& relativeL2)
{
    return relativeL2 && *relativeL2 > 0.0 ? std::optional(std::max(-20.0 * std::log10(*relativeL2), -20.0))
                                           : std::nullopt;
}

} // namespace

SequencePlot::SequencePlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_marker(makeValueLine(m_plot, m_plot->axisRect()))
{
    setObjectName(QStringLiteral("sequencePlot"));
    m_plot->setObjectName(QStringLiteral("sequencePlotArea"));
    m_plot->setAccessibleName(tr("Error against time"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_plot->xAxis->setLabel(tr("step (sample); dashed: a sequence starts"));
    m_plot->yAxis->setLabel(tr("SQNR (dB)"));
    m_plot->legend->setVisible(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    installPlotMenu(m_plot, QStringLiteral("error_over_time"));
    setStep(std::nullopt);
    redraw();
}

void SequencePlot::setReport(std::shared_ptr<const core::Report> report)
{
    m_report = report && report->sequence ? std::move(report) : nullptr;
    redraw();
}

void SequencePlot::setStep(std::optional<std::size_t> step)
{
    m_marker->setVisible(step.has_value());
    m_marker->point1->setCoords(static_cast<double>(step.value_or(0)), 0.0);
    m_marker->point2->setCoords(static_cast<double>(step.value_or(0)), 1.0);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void SequencePlot::redraw()
{
    m_plot->clearGraphs();
    for (int i = m_plot->itemCount() - 1; i >= 0; --i) {
        if (m_plot->item(i) != m_marker) {
            m_plot->removeItem(i);
        }
    }
    if (m_report) {
        for (const core::SequenceReport::Output& output : m_report->sequence->outputs) {
            QCPGraph* const graph = m_plot->addGraph();
            graph->setName(QString::fromStdString(output.name));
            for (std::size_t step = 0; step < output.relativeL2.size(); ++step) {
                if (const auto db = sqnrDb(output.relativeL2[step])) {
                    graph->addData(static_cast<double>(step), *db);
                }
            }
        }
        for (const std::size_t start : m_report->sequence->starts) {
            QCPItemStraightLine* const line = makeValueLine(m_plot, m_plot->axisRect());
            line->point1->setCoords(static_cast<double>(start), 0.0);
            line->point2->setCoords(static_cast<double>(start), 1.0);
        }
        m_plot->rescaleAxes();
        m_plot->yAxis->setRange(std::min(0.0, m_plot->yAxis->range().lower),
                                m_plot->yAxis->range().upper + 4.0);
    }
    recolor();
}

void SequencePlot::recolor()
{
    const PlotColors colors = plotColors(palette());
    applyColors(m_plot, colors);
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        m_plot->graph(i)->setPen(
            QPen(colors.series[static_cast<std::size_t>(i) % colors.series.size()], 1.6));
    }
    for (int i = 0; i < m_plot->itemCount(); ++i) {
        if (auto* const line = qobject_cast<QCPItemStraightLine*>(m_plot->item(i))) {
            line->setPen(line == m_marker ? QPen(palette().color(QPalette::Highlight), 1.5)
                                          : QPen(colors.muted, 1.0, Qt::DashLine));
        }
    }
    QColor ground = colors.ground;
    ground.setAlphaF(0.85F);
    m_plot->legend->setBrush(ground);
    m_plot->legend->setBorderPen(Qt::NoPen);
    m_plot->legend->setTextColor(colors.text);
    m_plot->legend->setFont(font());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

std::optional<std::size_t> SequencePlot::stepAt(QPoint position) const
{
    if (!m_report || !m_plot->axisRect()->rect().contains(position)) {
        return std::nullopt;
    }
    const auto step = std::lround(m_plot->xAxis->pixelToCoord(position.x()));
    const auto steps = static_cast<long>(m_report->samples);
    return step >= 0 && step < steps ? std::optional(static_cast<std::size_t>(step)) : std::nullopt;
}

QPoint SequencePlot::pointOf(std::size_t step) const
{
    const auto& errors = m_report->sequence->outputs.front().relativeL2;
    return {static_cast<int>(m_plot->xAxis->coordToPixel(static_cast<double>(step))),
            static_cast<int>(m_plot->yAxis->coordToPixel(sqnrDb(errors[step]).value_or(0.0)))};
}

QString SequencePlot::textOf(std::size_t step) const
{
    QString text = tr("step %1").arg(step);
    for (const core::SequenceReport::Output& output : m_report->sequence->outputs) {
        if (step < output.relativeL2.size()) {
            const auto& relative = output.relativeL2[step];
            text += tr("\n%1: ‖y−ŷ‖₂ / ‖y‖₂ = %2, largest difference %3")
                        .arg(QString::fromStdString(output.name),
                             relative ? shareText(*relative) : missingText(), realText(output.maxAbs[step]));
        }
    }
    return text
        + tr("\nSQNR = −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂) of this step, %n steps in all", nullptr,
             static_cast<int>(m_report->samples));
}

bool SequencePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot && event->type() == QEvent::MouseButtonPress) {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        if (const auto step = mouse->button() == Qt::LeftButton ? stepAt(mouse->pos()) : std::nullopt) {
            emit stepClicked(*step);
        }
    } else if (watched == m_plot && event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const auto step = stepAt(help->pos())) {
            QToolTip::showText(help->globalPos(), textOf(*step), m_plot);
            return true;
        }
    } else if (watched == m_plot && event->type() == QEvent::MouseButtonDblClick) {
        redraw();
    }
    return QWidget::eventFilter(watched, event);
}

void SequencePlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        recolor();
    }
}

} // namespace views
