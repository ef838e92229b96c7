#include "views/distribution/cost_curves.h"

#include "views/base/theme.h"

#include <qcustomplot.h>

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

QString text(const char* source) { return QCoreApplication::translate("CostCurves", source); }

} // namespace

CostCurves::CostCurves(QCustomPlot* plot)
    : m_rect(new QCPAxisRect(plot))
{
    plot->plotLayout()->addElement(plot->plotLayout()->rowCount(), 0, m_rect);
    QCPAxis* const left = m_rect->axis(QCPAxis::atLeft);
    left->setLabel(text(QT_TRANSLATE_NOOP("CostCurves", "L2 error")));
    left->setScaleType(QCPAxis::stLogarithmic);
    left->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    left->setNumberFormat(QStringLiteral("gb"));
    left->setNumberPrecision(1);
    m_rect->axis(QCPAxis::atBottom)->setLabel(text(QT_TRANSLATE_NOOP("CostCurves", "value")));
    const auto graph = [&](const QString& name) {
        QCPGraph* const made = plot->addGraph(m_rect->axis(QCPAxis::atBottom), left);
        made->setName(name);
        made->setAdaptiveSampling(false);
        return made;
    };
    m_clip = graph(text(QT_TRANSLATE_NOOP("CostCurves", "Clip L2")));
    m_round = graph(text(QT_TRANSLATE_NOOP("CostCurves", "Round L2")));
    m_total = graph(text(QT_TRANSLATE_NOOP("CostCurves", "Total L2")));
}

void CostCurves::setColors(const PlotColors& colors)
{
    m_total->setPen(QPen(colors.text, 1.6));
    m_clip->setPen(QPen(colors.clipped, 1.1, Qt::DashLine));
    m_round->setPen(QPen(colors.quantized, 1.1, Qt::DotLine));
}

void CostCurves::clear() { setCurve({}); }

void CostCurves::setCurve(const std::vector<core::CostPoint>& curve)
{
    QVector<double> keys;
    QVector<double> total;
    QVector<double> clip;
    QVector<double> round;
    double lowest = 1.0;
    double highest = 1e-6;
    for (const core::CostPoint& point : curve) {
        const double signal = point.cost.signalSquared > 0.0 ? point.cost.signalSquared : 1.0;
        keys << point.threshold;
        total << std::sqrt(std::max(0.0, point.cost.totalSquared()) / signal);
        clip << std::sqrt(point.cost.clipSquared / signal);
        round << std::sqrt(point.cost.roundSquared / signal);
        if (total.back() > 0.0) {
            lowest = std::min(lowest, total.back());
            highest = std::max(highest, total.back());
        }
    }
    m_total->setData(keys, total, true);
    m_clip->setData(keys, clip, true);
    m_round->setData(keys, round, true);
    m_rect->axis(QCPAxis::atLeft)->setRange(lowest / 3.0, std::max(highest, lowest) * 1.6);
}

} // namespace views
