#include "views/distribution_plot.h"

#include "views/distribution_bins.h"
#include "views/format.h"
#include "views/plot_tools.h"

#include <QMouseEvent>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace views {

namespace {
constexpr int kBins = 512;
constexpr int kGrabPixels = 7;
constexpr double kGripWidth = 9.0;
constexpr double kGripHeight = 16.0;
} // namespace

struct DistributionPlot::Grid : DisplayGrid
{
};

DistributionPlot::DistributionPlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_grid(std::make_unique<Grid>())
{
    setObjectName(QStringLiteral("distributionPlot"));
    m_plot->setObjectName(QStringLiteral("distributionCustomPlot"));
    m_plot->setAccessibleName(tr("Histogram of the selected tensor"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setMinimumHeight(180);

    m_counts = m_plot->axisRect();
    m_cost = new QCPAxisRect(m_plot);
    m_plot->plotLayout()->addElement(1, 0, m_cost);
    m_plot->plotLayout()->setRowStretchFactor(0, 2.6);
    m_plot->plotLayout()->setRowSpacing(2);
    auto* const margins = new QCPMarginGroup(m_plot);
    m_counts->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    m_cost->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    m_counts->setMinimumMargins(QMargins(8, 6, 10, 2));
    m_cost->setMinimumMargins(QMargins(8, 4, 10, 4));
    m_counts->axis(QCPAxis::atBottom)->setTickLabels(false);
    m_counts->axis(QCPAxis::atLeft)->setLabel(tr("values per bin"));
    m_cost->axis(QCPAxis::atLeft)->setLabel(tr("L2 error"));
    m_cost->axis(QCPAxis::atLeft)->setScaleType(QCPAxis::stLogarithmic);
    m_cost->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    m_cost->axis(QCPAxis::atLeft)->setNumberFormat(QStringLiteral("gb"));
    m_cost->axis(QCPAxis::atLeft)->setNumberPrecision(1);
    m_cost->axis(QCPAxis::atBottom)->setLabel(tr("value"));
    for (QCPAxisRect* const rect : {m_counts, m_cost}) {
        rect->setRangeDrag(Qt::Horizontal);
        rect->setRangeZoom(Qt::Horizontal);
        rect->axis(QCPAxis::atTop)->setVisible(false);
        rect->axis(QCPAxis::atRight)->setVisible(false);
    }
    const auto follow = [this](QCPAxisRect* from, QCPAxisRect* to) {
        connect(from->axis(QCPAxis::atBottom), qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
                [to](const QCPRange& range) { to->axis(QCPAxis::atBottom)->setRange(range); });
    };
    follow(m_counts, m_cost);
    follow(m_cost, m_counts);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);

    const auto graph = [this](QCPAxisRect* rect, const QString& name) {
        QCPGraph* const made = m_plot->addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        made->setName(name);
        made->setAdaptiveSampling(false);
        return made;
    };
    m_fp32 = graph(m_counts, tr("FP32"));
    m_quantized = graph(m_counts, tr("Dequantized"));
    for (QCPGraph* const steps : {m_fp32, m_quantized}) {
        // Steps are axis-aligned: without antialiasing and wide pens they are as sharp and drawn many times
        // faster.
        steps->setAntialiased(false);
        steps->setAntialiasedFill(false);
    }
    m_fp32->setLineStyle(QCPGraph::lsStepLeft);
    m_quantized->setLineStyle(QCPGraph::lsStepLeft);
    m_clipCost = graph(m_cost, tr("Clip L2"));
    m_roundCost = graph(m_cost, tr("Round L2"));
    m_totalCost = graph(m_cost, tr("Total L2"));
    m_min = makeHandle();
    m_max = makeHandle();
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    installPlotMenu(m_plot, QStringLiteral("distribution"));
    setCountScale(CountScale::Logarithmic);
    setColors(plotColors(palette()));
    clear();
}

DistributionPlot::~DistributionPlot() = default;

DistributionPlot::HandleItems DistributionPlot::makeHandle()
{
    HandleItems items;
    QCPAxis* const x = m_counts->axis(QCPAxis::atBottom);
    QCPAxis* const y = m_counts->axis(QCPAxis::atLeft);
    const auto onCounts = [&](QCPItemPosition* position) {
        position->setAxisRect(m_counts);
        position->setAxes(x, y);
        position->setTypeX(QCPItemPosition::ptPlotCoords);
        position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    };
    items.tail = new QCPItemRect(m_plot);
    items.tail->setClipAxisRect(m_counts);
    onCounts(items.tail->topLeft);
    onCounts(items.tail->bottomRight);
    items.line = new QCPItemStraightLine(m_plot);
    items.line->setClipAxisRect(m_counts);
    onCounts(items.line->point1);
    onCounts(items.line->point2);
    items.grip = new QCPItemRect(m_plot);
    items.grip->setClipAxisRect(m_counts);
    onCounts(items.grip->topLeft);
    items.grip->bottomRight->setParentAnchor(items.line->point1);
    items.grip->topLeft->setParentAnchor(items.line->point1);
    items.grip->topLeft->setType(QCPItemPosition::ptAbsolute);
    items.grip->bottomRight->setType(QCPItemPosition::ptAbsolute);
    items.grip->topLeft->setCoords(-kGripWidth / 2, 0.0);
    items.grip->bottomRight->setCoords(kGripWidth / 2, kGripHeight);
    return items;
}

void DistributionPlot::setColors(const PlotColors& colors)
{
    m_colors = colors;
    applyColors(m_plot, colors);
    QColor fill = colors.fp32;
    fill.setAlphaF(0.28F);
    m_fp32->setPen(QPen(colors.fp32, 1));
    m_fp32->setBrush(fill);
    m_quantized->setPen(QPen(colors.quantized, 1));
    m_totalCost->setPen(QPen(colors.text, 1.6));
    m_clipCost->setPen(QPen(colors.clipped, 1.1, Qt::DashLine));
    m_roundCost->setPen(QPen(colors.quantized, 1.1, Qt::DotLine));
    QColor tail = colors.clipped;
    tail.setAlphaF(0.13F);
    for (const HandleItems& handle : {m_min, m_max}) {
        handle.line->setPen(QPen(colors.handle, 1.6));
        handle.grip->setPen(QPen(colors.ground, 1));
        handle.grip->setBrush(colors.handle);
        handle.tail->setPen(Qt::NoPen);
        handle.tail->setBrush(QBrush(tail));
    }
    drawMethodLines();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::clear()
{
    m_tensor = {};
    m_dragging.reset();
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        m_plot->graph(i)->data()->clear();
    }
    m_methodRanges.clear();
    drawMethodLines();
    placeHandles();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::setTensor(const Tensor& tensor)
{
    const bool other = tensor.key != m_tensor.key;
    m_tensor = tensor;
    m_dragging.reset();
    const core::Range representable = tensor.params ? tensor.params->range() : tensor.range;
    static_cast<DisplayGrid&>(*m_grid) = displayGrid(*tensor.statistics, representable, kBins);
    const std::vector<double> counts = binnedValues(*tensor.statistics, *m_grid);
    m_highest = counts.empty() ? 1.0 : std::max(1.0, *std::ranges::max_element(counts));
    drawCurve(m_fp32, counts);
    if (!tensor.params || tensor.params->isPerChannel()) {
        m_quantized->data()->clear();
    } else {
        drawCodes(tensor.codes ? *tensor.codes : simulatedCodes(*tensor.statistics, *tensor.params),
                  *tensor.params);
    }
    if (other) {
        m_totalCost->data()->clear();
        m_clipCost->data()->clear();
        m_roundCost->data()->clear();
        m_methodRanges.clear();
        m_highlighted = -1;
        drawMethodLines();
        fit();
    }
    rescaleCounts();
    placeHandles();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::preview(const core::QuantizationParams& params)
{
    if (m_tensor.statistics && !params.isPerChannel()) {
        drawCodes(simulatedCodes(*m_tensor.statistics, params), params);
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void DistributionPlot::drawCodes(const core::CodeCounts& codes, const core::QuantizationParams& params)
{
    const core::Moments& fp32 = m_tensor.statistics->total;
    std::vector<double> counts = binnedCodes(codes, params, fp32.zeros, *m_grid);
    double total = 0.0;
    for (const std::uint64_t count : codes) {
        total += static_cast<double>(count);
    }
    // Statistics of the calibration data beside codes of the evaluation data: bring both to one total.
    const double scale = total > 0.0 ? static_cast<double>(fp32.count) / total : 1.0;
    if (std::abs(scale - 1.0) > 1e-9) {
        std::ranges::for_each(counts, [scale](double& count) { count *= scale; });
    }
    drawCurve(m_quantized, counts);
}

void DistributionPlot::drawCurve(QCPGraph* graph, const std::vector<double>& counts)
{
    QVector<double> keys;
    QVector<double> values;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        keys << m_grid->edge(static_cast<int>(i));
        values << counts[i];
    }
    keys << m_grid->upper();
    values << 0.0;
    graph->setData(keys, values, true);
}

void DistributionPlot::setCosts(const TensorCosts* costs, const std::vector<int>& shown)
{
    m_methodRanges.clear();
    QVector<double> keys;
    QVector<double> total;
    QVector<double> clip;
    QVector<double> round;
    if (costs) {
        for (std::size_t i = 0; i < shown.size(); ++i) {
            m_methodRanges.emplace_back(costs->methods[static_cast<std::size_t>(shown[i])].range,
                                        static_cast<int>(i));
        }
        for (const core::CostPoint& point : costs->curve) {
            const double signal = point.cost.signalSquared > 0.0 ? point.cost.signalSquared : 1.0;
            keys << point.threshold;
            total << std::sqrt(std::max(0.0, point.cost.totalSquared()) / signal);
            clip << std::sqrt(point.cost.clipSquared / signal);
            round << std::sqrt(point.cost.roundSquared / signal);
        }
    }
    m_totalCost->setData(keys, total, true);
    m_clipCost->setData(keys, clip, true);
    m_roundCost->setData(keys, round, true);
    const auto positive = [](double v) { return v > 0.0; };
    double lowest = 1.0;
    double highest = 1e-6;
    std::ranges::for_each(total, [&](double v) {
        if (positive(v)) {
            lowest = std::min(lowest, v);
            highest = std::max(highest, v);
        }
    });
    m_cost->axis(QCPAxis::atLeft)->setRange(lowest / 3.0, std::max(highest, lowest) * 1.6);
    drawMethodLines();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::drawMethodLines()
{
    for (QCPItemStraightLine* const line : m_methodLines) {
        m_plot->removeItem(line);
    }
    m_methodLines.clear();
    for (std::size_t i = 0; i < m_methodRanges.size(); ++i) {
        const auto& [range, series] = m_methodRanges[i];
        const bool strong = static_cast<int>(i) == m_highlighted;
        for (const double at : {range.min, range.max}) {
            if (at == 0.0) {
                continue; // every range contains zero; a line there says nothing
            }
            auto* const line = new QCPItemStraightLine(m_plot);
            line->setClipAxisRect(m_counts);
            for (QCPItemPosition* const point : {line->point1, line->point2}) {
                point->setAxisRect(m_counts);
                point->setAxes(m_counts->axis(QCPAxis::atBottom), m_counts->axis(QCPAxis::atLeft));
                point->setTypeX(QCPItemPosition::ptPlotCoords);
                point->setTypeY(QCPItemPosition::ptAxisRectRatio);
            }
            line->point1->setCoords(at, 0.0);
            line->point2->setCoords(at, 1.0);
            const QColor color = m_colors.series[static_cast<std::size_t>(series) % m_colors.series.size()];
            line->setPen(QPen(color, strong ? 2.6 : 1.3, strong ? Qt::SolidLine : Qt::DashLine));
            m_methodLines.push_back(line);
        }
    }
}

void DistributionPlot::highlightMethod(int row)
{
    if (row != m_highlighted) {
        m_highlighted = row;
        drawMethodLines();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void DistributionPlot::setCountScale(CountScale scale)
{
    m_scale = scale;
    QCPAxis* const axis = m_counts->axis(QCPAxis::atLeft);
    if (scale == CountScale::Logarithmic) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    } else {
        axis->setScaleType(QCPAxis::stLinear);
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    axis->setNumberFormat(QStringLiteral("gb"));
    axis->setNumberPrecision(scale == CountScale::Logarithmic ? 1 : 3);
    rescaleCounts();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::rescaleCounts()
{
    QCPAxis* const axis = m_counts->axis(QCPAxis::atLeft);
    if (m_scale == CountScale::Logarithmic) {
        axis->setRange(0.5, m_highest * 3.0);
    } else {
        axis->setRange(0.0, m_highest * 1.05);
    }
}

void DistributionPlot::fit()
{
    const double margin = 0.03 * (m_grid->upper() - m_grid->lower);
    m_counts->axis(QCPAxis::atBottom)->setRange(m_grid->lower - margin, m_grid->upper() + margin);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::setRange(core::Range range)
{
    m_tensor.range = range;
    placeHandles();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void DistributionPlot::placeHandles()
{
    const double far = 1e3 * (m_grid->upper() - m_grid->lower + 1.0);
    const auto place = [](const HandleItems& items, double at, double outside, bool shown, bool grip) {
        items.line->point1->setCoords(at, 0.0);
        items.line->point2->setCoords(at, 1.0);
        items.tail->topLeft->setCoords(std::min(at, outside), 0.0);
        items.tail->bottomRight->setCoords(std::max(at, outside), 1.0);
        items.line->setVisible(shown);
        items.tail->setVisible(shown);
        items.grip->setVisible(shown && grip);
    };
    const bool has = m_tensor.statistics && m_tensor.params;
    place(m_min, m_tensor.range.min, -far, has && m_tensor.range.min < 0.0,
          m_tensor.movable && m_tensor.lowerMovable);
    place(m_max, m_tensor.range.max, far, has, m_tensor.movable);
}

std::optional<DistributionPlot::Handle> DistributionPlot::handleAt(QPoint position) const
{
    if (!m_tensor.movable || !m_counts->rect().contains(position)) {
        return std::nullopt;
    }
    const QCPAxis* const x = m_counts->axis(QCPAxis::atBottom);
    const double toMin = std::abs(x->coordToPixel(m_tensor.range.min) - position.x());
    const double toMax = std::abs(x->coordToPixel(m_tensor.range.max) - position.x());
    if (m_tensor.lowerMovable && toMin <= kGrabPixels && toMin < toMax) {
        return Handle::Min;
    }
    return toMax <= kGrabPixels ? std::optional(Handle::Max) : std::nullopt;
}

core::Range DistributionPlot::moved(Handle handle, double to) const
{
    core::Range range = m_tensor.range;
    // Zero stays inside, and the range keeps a width: a thousandth of what is shown.
    const double least = 1e-3 * (m_grid->upper() - m_grid->lower);
    const bool mirrored = m_tensor.params && m_tensor.params->codes.lowest == -m_tensor.params->codes.highest;
    if (handle == Handle::Min) {
        range.min = std::min(to, -least);
    } else {
        range.max = std::max(to, least);
    }
    if (mirrored) {
        const double threshold = handle == Handle::Min ? -range.min : range.max;
        range = {-threshold, threshold};
    }
    return range;
}

QPoint DistributionPlot::handlePosition(Handle handle) const
{
    const double at = handle == Handle::Min ? m_tensor.range.min : m_tensor.range.max;
    const double x = m_counts->axis(QCPAxis::atBottom)->coordToPixel(at);
    return m_plot->mapToParent(QPoint(static_cast<int>(std::lround(x)), m_counts->rect().center().y()));
}

bool DistributionPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const auto handle = mouse->button() == Qt::LeftButton ? handleAt(mouse->pos()) : std::nullopt;
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
            m_plot->setCursor(handleAt(position) ? Qt::SizeHorCursor : Qt::ArrowCursor);
            return false;
        }
        setRange(moved(*m_dragging, m_counts->axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
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

void DistributionPlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setColors(plotColors(palette()));
    }
}

} // namespace views
