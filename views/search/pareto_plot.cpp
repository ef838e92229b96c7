#include "views/search/pareto_plot.h"

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

ParetoPlot::ParetoPlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_all(m_plot->addGraph())
    , m_front(m_plot->addGraph())
    , m_best(m_plot->addGraph())
    , m_mark(m_plot->addGraph())
    , m_target(new QCPItemStraightLine(m_plot))
{
    setObjectName(QStringLiteral("paretoPlot"));
    m_plot->setObjectName(QStringLiteral("paretoPlotArea"));
    m_plot->setAccessibleName(tr("Quality against the share of multiply-accumulates in int8"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_all->setName(tr("trials"));
    m_front->setName(tr("front"));
    m_best->setName(tr("best"));
    m_mark->setName(tr("chosen"));
    m_all->setLineStyle(QCPGraph::lsNone);
    m_best->setLineStyle(QCPGraph::lsNone);
    m_mark->setLineStyle(QCPGraph::lsNone);
    m_plot->xAxis->setLabel(tr("multiply-accumulates in int8 (%)"));
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    installPlotMenu(m_plot, QStringLiteral("search"));
    recolor();
    redraw();
}

void ParetoPlot::setRecord(std::shared_ptr<const SearchRecord> record)
{
    m_record = std::move(record);
    if (m_chosen && (!m_record || *m_chosen >= m_record->state.trials.size())) {
        m_chosen.reset();
    }
    redraw();
}

void ParetoPlot::setChosen(std::optional<std::size_t> trial)
{
    m_chosen = trial;
    redraw();
}

std::optional<double> ParetoPlot::qualityOf(const core::Trial& trial) const
{
    return m_record->goal.top1Drop ? trial.top1Drop : trial.sqnrDb;
}

void ParetoPlot::redraw()
{
    for (QCPGraph* const graph : {m_all, m_front, m_best, m_mark}) {
        graph->data()->clear();
    }
    m_target->setVisible(m_record != nullptr);
    if (m_record) {
        const auto add = [this](QCPGraph* graph, std::size_t index) {
            const core::Trial& trial = m_record->state.trials[index];
            if (const auto quality = qualityOf(trial); quality && std::isfinite(*quality)) {
                graph->addData(100.0 * trial.int8Share, *quality);
            }
        };
        for (std::size_t i = 0; i < m_record->state.trials.size(); ++i) {
            add(m_all, i);
        }
        for (const std::size_t i : m_record->state.front) {
            add(m_front, i);
        }
        add(m_best, m_record->state.best);
        if (m_chosen) {
            add(m_mark, *m_chosen);
        }
        const core::SearchGoal& goal = m_record->goal;
        m_plot->yAxis->setLabel(goal.top1Drop ? tr("top-1 drop (points)") : tr("output SQNR (dB)"));
        m_plot->yAxis->setRangeReversed(goal.top1Drop.has_value());
        m_plot->rescaleAxes();
        if (goal.int8Share) {
            m_target->point1->setCoords(100.0 * *goal.int8Share, 0.0);
            m_target->point2->setCoords(100.0 * *goal.int8Share, 1.0);
        } else {
            const double target = goal.top1Drop ? *goal.top1Drop : *goal.sqnrDb;
            m_target->point1->setCoords(0.0, target);
            m_target->point2->setCoords(1.0, target);
            m_plot->yAxis->setRange(m_plot->yAxis->range().expanded(QCPRange(target, target)));
        }
        // Points at the edge are points, too.
        const QCPRange shares = m_plot->xAxis->range();
        const double besides = std::max(0.06 * shares.size(), 1.0);
        m_plot->xAxis->setRange(std::min(shares.lower, 95.0) - besides,
                                std::min(shares.upper, 100.0) + besides);
        const QCPRange qualities = m_plot->yAxis->range();
        const double over = std::max(0.15 * qualities.size(), 0.2);
        m_plot->yAxis->setRange(qualities.lower - over, qualities.upper + over);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ParetoPlot::recolor()
{
    const PlotColors colors = plotColors(palette());
    applyColors(m_plot, colors);
    const auto points = [](QCPGraph* graph, QCPScatterStyle::ScatterShape shape, const QColor& color,
                           double size) {
        graph->setScatterStyle(QCPScatterStyle(shape, QPen(color, 1.6), QBrush(color), size));
    };
    m_all->setPen(QPen(colors.muted));
    points(m_all, QCPScatterStyle::ssDisc, colors.muted, 5.0);
    m_front->setPen(QPen(colors.series[0], 1.8));
    points(m_front, QCPScatterStyle::ssDisc, colors.series[0], 7.0);
    m_best->setPen(QPen(colors.quantized));
    points(m_best, QCPScatterStyle::ssDiamond, colors.quantized, 12.0);
    m_mark->setPen(QPen(colors.handle));
    m_mark->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colors.handle, 2.0), Qt::NoBrush, 16.0));
    m_target->setPen(QPen(colors.muted, 1.2, Qt::DashLine));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QPoint ParetoPlot::pointOf(std::size_t trial) const
{
    const core::Trial& shown = m_record->state.trials[trial];
    return {static_cast<int>(m_plot->xAxis->coordToPixel(100.0 * shown.int8Share)),
            static_cast<int>(m_plot->yAxis->coordToPixel(qualityOf(shown).value_or(0.0)))};
}

int ParetoPlot::trialAt(QPoint position) const
{
    constexpr double kReach = 14.0; // pixels
    int nearest = -1;
    double least = kReach;
    for (std::size_t i = 0; m_record && i < m_record->state.trials.size(); ++i) {
        if (qualityOf(m_record->state.trials[i])) {
            const QPoint way = pointOf(i) - position;
            if (const double distance = std::hypot(way.x(), way.y()); distance < least) {
                least = distance;
                nearest = static_cast<int>(i);
            }
        }
    }
    return nearest;
}

QString ParetoPlot::textOf(const core::Trial& trial) const
{
    QString text =
        tr("trial %1: %2\n%3 % of the multiply-accumulates in int8\noutput SQNR %4 dB")
            .arg(trial.number)
            .arg(QString::fromStdString(trial.what), QString::number(100.0 * trial.int8Share, 'f', 1),
                 trial.sqnrDb ? decibelText(*trial.sqnrDb) : tr("∞"));
    if (trial.top1Drop) {
        text += tr(", top-1 drop %1 points").arg(QString::number(*trial.top1Drop, 'f', 2));
    }
    return text + tr(", %n samples", nullptr, static_cast<int>(m_record->samples));
}

bool ParetoPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot && event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const int trial = trialAt(help->pos()); trial >= 0) {
            QToolTip::showText(help->globalPos(),
                               textOf(m_record->state.trials[static_cast<std::size_t>(trial)]), m_plot);
            return true;
        }
    }
    const bool isPress = event->type() == QEvent::MouseButtonPress;
    if (watched == m_plot && (isPress || event->type() == QEvent::MouseButtonDblClick)) {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const int trial = mouse->button() == Qt::LeftButton ? trialAt(mouse->pos()) : -1;
        if (trial >= 0) {
            isPress ? emit trialClicked(trial) : emit trialActivated(trial);
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ParetoPlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        recolor();
    }
}

} // namespace views
