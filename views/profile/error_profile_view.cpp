#include "views/profile/error_profile_view.h"

#include "views/base/format.h"
#include "views/base/plot_tools.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/profile/sequence_plot.h"

#include <QMouseEvent>
#include <QStackedWidget>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace views {

namespace {

constexpr double kFloorDb = -20.0; // where the worst there is, no number, is drawn
constexpr std::size_t kMostNames = 60; // more names than this on the axis cannot be read
constexpr std::size_t kMostNamesLow = 16; // when there is no room for steep ones
constexpr int kRoomForNames = 280;

} // namespace

ErrorProfileView::ErrorProfileView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_pages(new QStackedWidget(this))
    , m_timeButton(new QToolButton(this))
    , m_sequence(new SequencePlot(this))
    , m_plot(new QCustomPlot(this))
{
    setObjectName(QStringLiteral("errorProfileView"));
    m_plot->setObjectName(QStringLiteral("errorProfilePlot"));
    m_plot->setAccessibleName(tr("Error against depth"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_timeButton, 0, Qt::AlignLeft);
    layout->addWidget(m_pages, 1);
    m_pages->addWidget(m_plot);
    m_pages->addWidget(m_sequence);
    m_timeButton->setObjectName(QStringLiteral("errorOverTime"));
    m_timeButton->setText(tr("Over time"));
    m_timeButton->setToolTip(tr("Errors of the outputs and states per step of the sequence"));
    m_timeButton->setCheckable(true);
    m_timeButton->setAutoRaise(true);
    m_timeButton->hide();
    connect(m_timeButton, &QToolButton::toggled, m_pages,
            [this](bool time) { m_pages->setCurrentIndex(time ? 1 : 0); });
    connect(m_sequence, &SequencePlot::stepClicked, m_selection,
            [this](std::size_t step) { m_selection->setSample(step); });
    const auto graph = [this](const QString& name) {
        QCPGraph* const made = m_plot->addGraph();
        made->setName(name);
        return made;
    };
    m_baselineAccumulated = graph(tr("Baseline accumulated"));
    m_baselineIsolated = graph(tr("Baseline isolated"));
    m_accumulated = graph(tr("Accumulated"));
    m_isolated = graph(tr("Isolated"));
    m_sample = graph(tr("This sample"));
    m_marker = new QCPItemStraightLine(m_plot);
    for (QCPItemPosition* const point : {m_marker->point1, m_marker->point2}) {
        point->setTypeX(QCPItemPosition::ptPlotCoords);
        point->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    m_plot->yAxis->setLabel(tr("SQNR (dB)"));
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->legend->setVisible(true);
    // A line of its own above the plot: inside, it would hide points.
    m_plot->plotLayout()->insertRow(0);
    auto* const line = new QCPLayoutGrid;
    m_plot->plotLayout()->addElement(0, 0, line);
    line->addElement(0, 0, m_plot->legend);
    line->addElement(0, 1, new QCPLayoutElement);
    line->setColumnStretchFactor(0, 0.01);
    line->setMargins(QMargins(40, 2, 0, 0));
    m_plot->legend->setFillOrder(QCPLegend::foColumnsFirst);
    m_plot->legend->setMargins(QMargins(0, 0, 0, 0));
    m_plot->plotLayout()->setRowStretchFactor(0, 0.001);
    m_plot->plotLayout()->setRowSpacing(0);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    installPlotMenu(m_plot, QStringLiteral("error_profile"));
    connect(m_selection, &Selection::changed, this, &ErrorProfileView::mark);
    connect(m_selection, &Selection::sampleChanged, this, &ErrorProfileView::redraw);
    recolor();
    redraw();
}

void ErrorProfileView::recolor()
{
    const PlotColors colors = plotColors(palette());
    applyColors(m_plot, colors);
    const QColor accumulated = m_stale ? colors.muted : colors.quantized;
    const QColor isolated = m_stale ? colors.muted : colors.series[0];
    m_baselineAccumulated->setPen(QPen(colors.baseline, 1.6));
    m_baselineIsolated->setPen(QPen(colors.baseline, 1.2, Qt::DotLine));
    m_accumulated->setPen(QPen(accumulated, 1.8));
    m_accumulated->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, accumulated, accumulated, 6));
    m_isolated->setPen(QPen(isolated, 1.2, Qt::DotLine));
    m_isolated->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, isolated, isolated, 7));
    m_sample->setPen(QPen(colors.handle, 1.8));
    m_sample->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colors.handle, colors.handle, 5));
    m_marker->setPen(QPen(palette().color(QPalette::Highlight), 1.5));
    QColor ground = colors.ground;
    ground.setAlphaF(0.85F);
    m_plot->legend->setBrush(ground);
    m_plot->legend->setBorderPen(Qt::NoPen);
    m_plot->legend->setTextColor(colors.text);
    m_plot->legend->setFont(font());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ErrorProfileView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    const bool isRecurrent = m_results && m_results->report->sequence;
    m_sequence->setReport(m_results ? m_results->report : nullptr);
    m_timeButton->setVisible(isRecurrent);
    showTime(isRecurrent && m_timeButton->isChecked());
    redraw();
}

void ErrorProfileView::setBaseline(std::shared_ptr<const core::Results> baseline)
{
    m_baseline = std::move(baseline);
    redraw();
}

void ErrorProfileView::showTime(bool time) { m_timeButton->setChecked(time && m_sequence->hasSequence()); }

void ErrorProfileView::setStale(bool stale)
{
    m_stale = stale;
    recolor();
}

void ErrorProfileView::draw(QCPGraph* graph, const core::Report* report, bool accumulated)
{
    QVector<double> keys;
    QVector<double> values;
    for (std::size_t i = 0; report && m_results && i < m_results->report->layers.size(); ++i) {
        // By name, so that a baseline of another fusion still lines up.
        const std::string& name = m_results->report->layers[i]->name;
        const auto layer =
            std::ranges::find_if(report->layers, [&](const auto& other) { return other->name == name; });
        if (layer == report->layers.end()) {
            continue;
        }
        const auto& error = accumulated ? (*layer)->accumulated : (*layer)->isolated;
        if (error && error->sqnrDb) {
            keys << static_cast<double>(i);
            values << std::max(*error->sqnrDb, kFloorDb);
        }
    }
    graph->setData(keys, values, true);
    graph->setVisible(!keys.isEmpty());
    keys.isEmpty() ? graph->removeFromLegend() : graph->addToLegend();
}

void ErrorProfileView::drawSample()
{
    QVector<double> keys;
    QVector<double> values;
    const auto sample = m_selection->sample();
    for (std::size_t i = 0; m_results && sample && i < m_results->report->layers.size(); ++i) {
        const auto& errors = m_results->report->layers[i]->sampleRelativeL2;
        if (*sample < errors.size() && errors[*sample] > 0.0F) {
            keys << static_cast<double>(i);
            values << std::max(-20.0 * std::log10(static_cast<double>(errors[*sample])), kFloorDb);
        }
    }
    m_sample->setName(sample ? tr("Sample %1").arg(*sample) : tr("This sample"));
    m_sample->setData(keys, values, true);
    m_sample->setVisible(!keys.isEmpty());
    keys.isEmpty() ? m_sample->removeFromLegend() : m_sample->addToLegend();
}

void ErrorProfileView::redraw()
{
    m_sequence->setStep(m_selection->sample());
    const core::Report* const report = m_results ? m_results->report.get() : nullptr;
    const core::Report* const baseline = m_baseline ? m_baseline->report.get() : nullptr;
    draw(m_accumulated, report, true);
    draw(m_isolated, report, false);
    draw(m_baselineAccumulated, baseline, true);
    draw(m_baselineIsolated, baseline, false);
    drawSample();
    const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
    m_low = height() < kRoomForNames;
    if (report && report->layers.size() <= (m_low ? kMostNamesLow : kMostNames)) {
        for (std::size_t i = 0; i < report->layers.size(); ++i) {
            QString name = QString::fromStdString(report->layers[i]->name);
            names->addTick(static_cast<double>(i),
                           name.size() > 18 ? QStringLiteral("…") + name.right(17) : name);
        }
        m_plot->xAxis->setTicker(names);
        m_plot->xAxis->setTickLabelRotation(report->layers.size() > 14 ? -50 : -20);
        m_plot->xAxis->setLabel({});
    } else {
        m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        m_plot->xAxis->setTickLabelRotation(0);
        m_plot->xAxis->setLabel(tr("operators in execution order"));
    }
    m_plot->xAxis->setRange(
        -0.5, report && !report->layers.empty() ? static_cast<double>(report->layers.size()) - 0.5 : 0.5);
    m_plot->yAxis->rescale(true);
    const QCPRange range = m_plot->yAxis->range();
    m_plot->yAxis->setRange(std::min(0.0, range.lower), range.upper + 4.0);
    mark();
}

void ErrorProfileView::mark()
{
    int at = -1;
    const auto current = m_selection->current();
    for (std::size_t i = 0; m_results && current && i < m_results->report->layers.size(); ++i) {
        at = m_results->report->layers[i]->id == *current ? static_cast<int>(i) : at;
    }
    m_marker->setVisible(at >= 0);
    m_marker->point1->setCoords(at, 0.0);
    m_marker->point2->setCoords(at, 1.0);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

int ErrorProfileView::operatorAt(QPoint position) const
{
    if (!m_results || !m_plot->axisRect()->rect().contains(position)) {
        return -1;
    }
    const auto index = static_cast<int>(std::lround(m_plot->xAxis->pixelToCoord(position.x())));
    return index < static_cast<int>(m_results->report->layers.size()) ? index : -1;
}

QPoint ErrorProfileView::pointOf(core::OperatorId op) const
{
    for (std::size_t i = 0; m_results && i < m_results->report->layers.size(); ++i) {
        const auto& layer = m_results->report->layers[i];
        if (layer->id == op && layer->accumulated && layer->accumulated->sqnrDb) {
            return {static_cast<int>(m_plot->xAxis->coordToPixel(static_cast<double>(i))),
                    static_cast<int>(
                        m_plot->yAxis->coordToPixel(std::max(*layer->accumulated->sqnrDb, kFloorDb)))};
        }
    }
    return {};
}

bool ErrorProfileView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot && event->type() == QEvent::MouseButtonPress) {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const int index = mouse->button() == Qt::LeftButton ? operatorAt(mouse->pos()) : -1;
        if (index >= 0) {
            m_selection->select(m_results->report->layers[static_cast<std::size_t>(index)]->id);
        }
    } else if (watched == m_plot && event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const int index = operatorAt(help->pos()); index >= 0) {
            const core::LayerReport& layer = *m_results->report->layers[static_cast<std::size_t>(index)];
            QToolTip::showText(
                help->globalPos(),
                tr("%1 (%2)\nisolated %3 dB, accumulated %4 dB\nSQNR = −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂), %n samples",
                   nullptr, static_cast<int>(m_results->report->samples))
                    .arg(QString::fromStdString(layer.name), QString::fromStdString(layer.type),
                         sqnrText(layer.isolated), sqnrText(layer.accumulated)),
                m_plot);
            return true;
        }
    } else if (watched == m_plot && event->type() == QEvent::MouseButtonDblClick) {
        redraw();
    }
    return QWidget::eventFilter(watched, event);
}

void ErrorProfileView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_low != (height() < kRoomForNames)) {
        redraw();
    }
}

void ErrorProfileView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        recolor();
    }
}

} // namespace views
