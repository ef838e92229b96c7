#include "views/distribution/distribution_plot.h"

#include "views/base/plot_tools.h"

#include <QMouseEvent>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace views {

namespace {
constexpr int kBins = 512;
} // namespace

DistributionPlot::DistributionPlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_counts(m_plot->axisRect())
    , m_curves(m_plot, m_counts)
    , m_cost(m_plot)
    , m_handles(m_plot, m_counts)
    , m_thresholds(m_plot, m_counts)
{
    setObjectName(QStringLiteral("distributionPlot"));
    m_plot->setObjectName(QStringLiteral("distributionCustomPlot"));
    m_plot->setAccessibleName(tr("Histogram of the selected tensor"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setMinimumHeight(180);
    buildRects();
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    installPlotMenu(m_plot, QStringLiteral("distribution"));
    setColors(plotColors(palette()));
    clear();
}

DistributionPlot::~DistributionPlot() = default;

void DistributionPlot::buildRects()
{
    QCPAxisRect* const cost = m_cost.rect();
    m_plot->plotLayout()->setRowStretchFactor(0, 2.6);
    m_plot->plotLayout()->setRowSpacing(2);
    auto* const margins = new QCPMarginGroup(m_plot);
    m_counts->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    cost->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    m_counts->setMinimumMargins(QMargins(8, 6, 10, 2));
    cost->setMinimumMargins(QMargins(8, 4, 10, 4));
    m_counts->axis(QCPAxis::atBottom)->setTickLabels(false);
    m_counts->axis(QCPAxis::atLeft)->setLabel(tr("values per bin"));
    for (QCPAxisRect* const rect : {m_counts, cost}) {
        rect->setRangeDrag(Qt::Horizontal);
        rect->setRangeZoom(Qt::Horizontal);
        rect->axis(QCPAxis::atTop)->setVisible(false);
        rect->axis(QCPAxis::atRight)->setVisible(false);
    }
    const auto follow = [this](QCPAxisRect* from, QCPAxisRect* to) {
        connect(from->axis(QCPAxis::atBottom), qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
                [to](const QCPRange& range) { to->axis(QCPAxis::atBottom)->setRange(range); });
    };
    follow(m_counts, cost);
    follow(cost, m_counts);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
}

void DistributionPlot::setColors(const PlotColors& colors)
{
    m_colors = colors;
    applyColors(m_plot, colors);
    m_curves.setColors(colors);
    m_cost.setColors(colors);
    m_handles.setColors(colors);
    m_thresholds.setColors(colors);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::clear()
{
    m_tensor = {};
    m_dragging.reset();
    m_curves.clear();
    m_cost.clear();
    m_thresholds.setRanges({});
    showBounds();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::setTensor(const Tensor& tensor)
{
    const bool other = tensor.key != m_tensor.key;
    if (const auto lock = m_locked.find(m_tensor.key); lock != m_locked.end()) {
        lock->second = axes();
    }
    m_tensor = tensor;
    m_dragging.reset();
    const core::Range representable = tensor.params ? tensor.params->range() : tensor.range;
    m_curves.setGrid(displayGrid(*tensor.statistics, representable, kBins));
    m_curves.setFp32(binnedValues(*tensor.statistics, m_curves.grid()));
    if (!tensor.params || tensor.params->isPerChannel()) {
        m_curves.clearCodes();
    } else {
        m_curves.setCodes(tensor.codes ? *tensor.codes : simulatedCodes(*tensor.statistics, *tensor.params),
                          *tensor.params, tensor.statistics->total);
    }
    if (other) {
        m_cost.clear();
        m_thresholds.setRanges({});
        m_thresholds.setHighlighted(-1);
        fit();
    }
    m_curves.fitCounts();
    if (const auto lock = m_locked.find(m_tensor.key); lock != m_locked.end()) {
        setAxes(lock->second);
    }
    showBounds();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::showBounds()
{
    const bool mirrored = m_tensor.params && m_tensor.params->codes.lowest == -m_tensor.params->codes.highest;
    m_handles.setBounds({.range = m_tensor.range,
                         .shown = m_tensor.statistics && m_tensor.params,
                         .movable = m_tensor.movable,
                         .lowerMovable = m_tensor.lowerMovable,
                         .mirrored = mirrored,
                         .span = m_curves.grid().upper() - m_curves.grid().lower});
}

DistributionPlot::Axes DistributionPlot::axes() const
{
    const QCPRange value = m_counts->axis(QCPAxis::atBottom)->range();
    const QCPRange count = m_counts->axis(QCPAxis::atLeft)->range();
    return {value.lower, value.upper, count.lower, count.upper};
}

void DistributionPlot::setAxes(const Axes& axes)
{
    m_counts->axis(QCPAxis::atBottom)->setRange(axes.valueLower, axes.valueUpper);
    if (m_curves.scale() == CountScale::Linear || axes.countLower > 0.0) { // a logarithmic axis has no zero
        m_counts->axis(QCPAxis::atLeft)->setRange(axes.countLower, axes.countUpper);
    }
}

void DistributionPlot::setLocked(bool locked)
{
    if (locked) {
        m_locked.insert_or_assign(m_tensor.key, axes());
    } else {
        m_locked.erase(m_tensor.key);
        fit();
        m_curves.fitCounts();
    }
}

core::Range DistributionPlot::shownValues() const
{
    const Axes shown = axes();
    return {shown.valueLower, shown.valueUpper};
}

void DistributionPlot::preview(const core::QuantizationParams& params)
{
    if (m_tensor.statistics && !params.isPerChannel()) {
        m_curves.setCodes(simulatedCodes(*m_tensor.statistics, params), params, m_tensor.statistics->total);
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void DistributionPlot::setCosts(const TensorCosts* costs, const std::vector<int>& shown)
{
    std::vector<core::Range> ranges;
    for (std::size_t i = 0; costs && i < shown.size(); ++i) {
        ranges.push_back(costs->methods[static_cast<std::size_t>(shown[i])].range);
    }
    m_thresholds.setRanges(std::move(ranges));
    m_cost.setCurve(costs ? costs->curve : std::vector<core::CostPoint>{});
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::highlightMethod(int row)
{
    if (m_thresholds.setHighlighted(row)) {
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void DistributionPlot::setCountScale(CountScale scale)
{
    m_curves.setScale(scale);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::fit()
{
    m_curves.fitValues();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::setRange(core::Range range)
{
    m_tensor.range = range;
    m_handles.setRange(range);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QPoint DistributionPlot::handlePosition(Handle handle) const
{
    return m_plot->mapToParent(m_handles.positionOf(handle));
}

bool DistributionPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const auto handle = mouse->button() == Qt::LeftButton ? m_handles.at(mouse->pos()) : std::nullopt;
        if (!handle) {
            return false;
        }
        m_dragging = handle;
        m_beforeDrag = m_tensor.range;
        emit handleGrabbed(*handle);
        return true;
    }
    case QEvent::MouseMove: {
        const QPoint position = static_cast<QMouseEvent*>(event)->pos();
        if (!m_dragging) {
            m_plot->setCursor(m_handles.at(position) ? Qt::SizeHorCursor : Qt::ArrowCursor);
            return false;
        }
        setRange(m_handles.movedToPixel(*m_dragging, position.x()));
        emit rangeDragged(m_tensor.range);
        return true;
    }
    case QEvent::MouseButtonRelease:
        if (!m_dragging) {
            return false;
        }
        m_dragging.reset();
        if (m_tensor.range != m_beforeDrag) {
            emit rangeCommitted(m_tensor.range);
        }
        return true;
    case QEvent::MouseButtonDblClick:
        fit();
        return true;
    default:
        return false;
    }
}

void DistributionPlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    constexpr int kRoomForLabels = 260; // of both axes in full
    const bool low = height() < kRoomForLabels;
    m_counts->axis(QCPAxis::atLeft)->setLabel(low ? tr("count") : tr("values per bin"));
}

void DistributionPlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setColors(plotColors(palette()));
    }
}

DistributionPlot::Tensor tensorOf(const core::Results& results, const core::LayerReport& layer)
{
    DistributionPlot::Tensor tensor;
    tensor.key = layer.output;
    tensor.statistics = results.measured(layer.output);
    tensor.params = layer.activation ? std::optional(layer.activation->params) : std::nullopt;
    tensor.codes = layer.codeCounts.get();
    tensor.range = layer.activation && !layer.activation->threshold.empty()
        ? layer.activation->threshold.front()
        : core::Range{};
    tensor.movable =
        layer.activation && !layer.inheritsActivation && !layer.activation->params.isPerChannel();
    tensor.lowerMovable = tensor.movable && tensor.range.min < 0.0;
    return tensor;
}

} // namespace views
