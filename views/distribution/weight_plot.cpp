#include "views/distribution/weight_plot.h"

#include "views/base/format.h"
#include "views/base/plot_tools.h"
#include "views/base/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr int kBins = 384;

QCPAxisRect* addRect(QCustomPlot* plot)
{
    auto* const rect = new QCPAxisRect(plot);
    plot->plotLayout()->addElement(plot->plotLayout()->rowCount(), 0, rect);
    return rect;
}

} // namespace

WeightPlot::WeightPlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_counts(m_plot->axisRect())
    , m_rows(addRect(m_plot))
    , m_curves(m_plot, m_counts)
    , m_range(m_plot, m_counts)
    , m_map(new QCPColorMap(m_rows->axis(QCPAxis::atBottom), m_rows->axis(QCPAxis::atLeft)))
    , m_lower(new QCPCurve(m_rows->axis(QCPAxis::atBottom), m_rows->axis(QCPAxis::atLeft)))
    , m_upper(new QCPCurve(m_rows->axis(QCPAxis::atBottom), m_rows->axis(QCPAxis::atLeft)))
    , m_row(new QCPItemRect(m_plot))
{
    setObjectName(QStringLiteral("weightPlot"));
    m_plot->setObjectName(QStringLiteral("weightCustomPlot"));
    m_plot->setAccessibleName(
        tr("Histogram of the weights of one output channel, and a map of all channels"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setMinimumHeight(180);
    buildRects();
    m_plot->installEventFilter(this);
    installPlotMenu(m_plot, QStringLiteral("weights"));
    recolor();
    setChannels(nullptr);
}

void WeightPlot::buildRects()
{
    m_plot->plotLayout()->setRowStretchFactor(0, 1.2);
    m_plot->plotLayout()->setRowSpacing(2);
    auto* const margins = new QCPMarginGroup(m_plot);
    for (QCPAxisRect* const rect : {m_counts, m_rows}) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        rect->setMinimumMargins(QMargins(8, 5, 10, 3));
        rect->setRangeDrag(Qt::Horizontal);
        rect->setRangeZoom(Qt::Horizontal);
        rect->axis(QCPAxis::atTop)->setVisible(false);
        rect->axis(QCPAxis::atRight)->setVisible(false);
    }
    m_counts->axis(QCPAxis::atBottom)->setTickLabels(false);
    m_counts->axis(QCPAxis::atLeft)->setLabel(tr("weights per bin"));
    m_rows->axis(QCPAxis::atLeft)->setLabel(tr("channel"));
    m_rows->axis(QCPAxis::atLeft)->setRangeReversed(true);
    m_rows->axis(QCPAxis::atLeft)->grid()->setVisible(false);
    m_rows->axis(QCPAxis::atBottom)->setLabel(tr("weight"));
    const auto follow = [this](QCPAxisRect* from, QCPAxisRect* to) {
        connect(from->axis(QCPAxis::atBottom), qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
                [to](const QCPRange& range) { to->axis(QCPAxis::atBottom)->setRange(range); });
    };
    follow(m_counts, m_rows);
    follow(m_rows, m_counts);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_map->setInterpolate(false);
    m_map->setName(tr("Weights of every channel"));
    m_row->setClipAxisRect(m_rows);
    for (QCPItemPosition* const corner : {m_row->topLeft, m_row->bottomRight}) {
        corner->setAxisRect(m_rows);
        corner->setAxes(m_rows->axis(QCPAxis::atBottom), m_rows->axis(QCPAxis::atLeft));
        corner->setTypeX(QCPItemPosition::ptAxisRectRatio);
        corner->setTypeY(QCPItemPosition::ptPlotCoords);
    }
}

void WeightPlot::recolor()
{
    const PlotColors colors = plotColors(palette());
    const bool dark = isDark(palette());
    applyColors(m_plot, colors);
    m_curves.setColors(colors);
    m_range.setColors(colors);
    m_lower->setName(tr("Lowest representable"));
    m_upper->setName(tr("Highest representable"));
    m_lower->setPen(QPen(colors.handle, 1.2));
    m_upper->setPen(QPen(colors.handle, 1.2));
    m_row->setPen(QPen(palette().color(QPalette::Highlight), 1.5));
    QCPColorGradient gradient;
    gradient.clearColorStops();
    for (int stop = 0; stop <= 8; ++stop) {
        gradient.setColorStopAt(stop / 8.0, heatColor(stop / 8.0, dark));
    }
    m_map->setGradient(gradient);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void WeightPlot::setChannels(std::shared_ptr<const WeightChannels> channels)
{
    m_channels = std::move(channels);
    m_row->setVisible(m_channels != nullptr);
    m_map->setVisible(m_channels != nullptr);
    drawMap();
    if (!m_channels) {
        m_curves.clear();
        m_range.setBounds({});
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return;
    }
    const core::Range span = m_channels->span();
    const double margin = 0.05 * (span.max - span.min);
    m_counts->axis(QCPAxis::atBottom)->setRange(span.min - margin, span.max + margin);
    setChannel(std::min(m_channel, m_channels->count() - 1));
}

void WeightPlot::drawMap()
{
    QVector<double> lower;
    QVector<double> upper;
    QVector<double> rows;
    const auto count = m_channels ? static_cast<int>(m_channels->count()) : 0;
    m_map->data()->clear();
    if (count > 0) {
        const core::Range span = m_channels->span();
        const double half = (span.max - span.min) / (2 * WeightChannels::kMapBins);
        m_map->data()->setSize(WeightChannels::kMapBins, count);
        m_map->data()->setRange({span.min + half, span.max - half}, {0.0, std::max(count - 1.0, 1.0)});
    }
    for (int c = 0; c < count; ++c) {
        const auto counts = m_channels->map(static_cast<std::size_t>(c));
        const double most = std::log1p(*std::ranges::max_element(counts)); // each row in its own measure
        for (int bin = 0; bin < WeightChannels::kMapBins; ++bin) {
            m_map->data()->setCell(bin, c, std::log1p(counts[static_cast<std::size_t>(bin)]) / most);
        }
        const core::Range range = m_channels->params(static_cast<std::size_t>(c)).range();
        for (const double edge : {c - 0.5, c + 0.5}) {
            rows << edge;
            lower << range.min;
            upper << range.max;
        }
    }
    m_map->setDataRange({0.0, 1.0});
    m_lower->setData(lower, rows);
    m_upper->setData(upper, rows);
    constexpr int kMostTicks = 6;
    const QSharedPointer<QCPAxisTickerFixed> whole(new QCPAxisTickerFixed); // channels are whole numbers
    whole->setTickStep(std::max(1, (count + kMostTicks - 1) / kMostTicks));
    m_rows->axis(QCPAxis::atLeft)->setTicker(whole);
    m_rows->axis(QCPAxis::atLeft)->setRange(-0.5, std::max(count, 1) - 0.5);
}

void WeightPlot::setChannel(std::size_t channel)
{
    m_channel = channel;
    if (!m_channels || channel >= m_channels->count()) {
        return;
    }
    const core::QuantizationParams params = m_channels->params(channel);
    const core::TensorStatistics statistics = core::statisticsOf(m_channels->values(channel), {});
    m_curves.setGrid(displayGrid(statistics, params.range(), kBins));
    m_curves.setFp32(binnedValues(statistics, m_curves.grid()));
    m_curves.setCodes(simulatedCodes(statistics, params), params, statistics.total);
    m_curves.fitCounts();
    m_range.setBounds(
        {.range = params.range(), .shown = true, .span = m_channels->span().max - m_channels->span().min});
    m_row->topLeft->setCoords(0.0, static_cast<double>(channel) - 0.5);
    m_row->bottomRight->setCoords(1.0, static_cast<double>(channel) + 0.5);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void WeightPlot::setCountScale(HistogramCurves::CountScale scale)
{
    m_curves.setScale(scale);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

int WeightPlot::channelAt(QPoint position) const
{
    if (!m_channels || !m_rows->rect().contains(position)) {
        return -1;
    }
    const auto row = static_cast<int>(std::lround(m_rows->axis(QCPAxis::atLeft)->pixelToCoord(position.y())));
    return std::clamp(row, 0, static_cast<int>(m_channels->count()) - 1);
}

QPoint WeightPlot::rowOf(std::size_t channel) const
{
    const double y = m_rows->axis(QCPAxis::atLeft)->coordToPixel(static_cast<double>(channel));
    return m_plot->mapToParent(QPoint(m_rows->rect().center().x(), static_cast<int>(std::lround(y))));
}

bool WeightPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot && event->type() == QEvent::MouseButtonPress) {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const int channel = mouse->button() == Qt::LeftButton ? channelAt(mouse->pos()) : -1;
        if (channel >= 0) {
            emit channelSelected(channel);
        }
    } else if (watched == m_plot && event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const int channel = channelAt(help->pos()); channel >= 0) {
            const auto c = static_cast<std::size_t>(channel);
            QToolTip::showText(help->globalPos(),
                               tr("channel %1: %2, error %3\n‖w_c−ŵ_c‖₂ / ‖w_c‖₂, %4 weights")
                                   .arg(channel)
                                   .arg(rangeText(m_channels->range(c)), shareText(m_channels->relativeL2(c)))
                                   .arg(m_channels->values(c).size()),
                               m_plot);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void WeightPlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        recolor();
    }
}

} // namespace views
