#include "views/distribution/histogram_curves.h"

#include "views/base/theme.h"

#include <qcustomplot.h>

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace views {

HistogramCurves::HistogramCurves(QCustomPlot* plot, QCPAxisRect* rect)
    : m_plot(plot)
    , m_rect(rect)
    , m_fp32(addSteps(QCoreApplication::translate("HistogramCurves", "FP32")))
    , m_quantized(addSteps(QCoreApplication::translate("HistogramCurves", "Dequantized")))
{
    setScale(CountScale::Logarithmic);
}

QCPGraph* HistogramCurves::addSteps(const QString& name)
{
    QCPGraph* const made = m_plot->addGraph(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
    made->setName(name);
    made->setAdaptiveSampling(false);
    made->setLineStyle(QCPGraph::lsStepLeft);
    // Steps are axis-aligned: without antialiasing and wide pens they are as sharp and drawn many times
    // faster.
    made->setAntialiased(false);
    made->setAntialiasedFill(false);
    return made;
}

void HistogramCurves::setColors(const PlotColors& colors)
{
    QColor fill = colors.fp32;
    fill.setAlphaF(0.28F);
    m_fp32->setPen(QPen(colors.fp32, 1));
    m_fp32->setBrush(fill);
    m_quantized->setPen(QPen(colors.quantized, 1));
}

void HistogramCurves::setFp32(const std::vector<double>& counts)
{
    m_highest = counts.empty() ? 1.0 : std::max(1.0, *std::ranges::max_element(counts));
    draw(m_fp32, counts);
}

void HistogramCurves::setCodes(const core::CodeCounts& codes, const core::QuantizationParams& params,
                               const core::Moments& fp32)
{
    std::vector<double> counts = binnedCodes(codes, params, fp32.zeros, m_grid);
    double total = 0.0;
    for (const std::uint64_t count : codes) {
        total += static_cast<double>(count);
    }
    const double scale = total > 0.0 ? static_cast<double>(fp32.count) / total : 1.0;
    if (std::abs(scale - 1.0) > 1e-9) {
        std::ranges::for_each(counts, [scale](double& count) { count *= scale; });
    }
    draw(m_quantized, counts);
}

void HistogramCurves::clearCodes() { m_quantized->data()->clear(); }

void HistogramCurves::clear()
{
    m_fp32->data()->clear();
    m_quantized->data()->clear();
}

void HistogramCurves::draw(QCPGraph* graph, const std::vector<double>& counts)
{
    QVector<double> keys;
    QVector<double> values;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        keys << m_grid.edge(static_cast<int>(i));
        values << counts[i];
    }
    keys << m_grid.upper();
    values << 0.0;
    graph->setData(keys, values, true);
}

void HistogramCurves::setScale(CountScale scale)
{
    m_scale = scale;
    QCPAxis* const axis = m_rect->axis(QCPAxis::atLeft);
    if (scale == CountScale::Logarithmic) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    } else {
        axis->setScaleType(QCPAxis::stLinear);
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    axis->setNumberFormat(QStringLiteral("gb"));
    axis->setNumberPrecision(scale == CountScale::Logarithmic ? 1 : 3);
    fitCounts();
}

void HistogramCurves::fitCounts()
{
    QCPAxis* const axis = m_rect->axis(QCPAxis::atLeft);
    if (m_scale == CountScale::Logarithmic) {
        axis->setRange(0.5, m_highest * 3.0);
    } else {
        axis->setRange(0.0, m_highest * 1.05);
    }
}

void HistogramCurves::fitValues()
{
    const double margin = 0.03 * (m_grid.upper() - m_grid.lower);
    m_rect->axis(QCPAxis::atBottom)->setRange(m_grid.lower - margin, m_grid.upper() + margin);
}

} // namespace views
