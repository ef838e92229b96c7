#include "views/graph/graph_metric.h"

#include "views/base/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("GraphMetric", text); }

std::optional<double> relative(const std::optional<core::ErrorMetrics>& error)
{
    return error ? error->relativeL2 : std::nullopt;
}

} // namespace

double GraphScale::heat(double value) const
{
    if (!std::isfinite(value)) {
        return 1.0;
    }
    return value > low ? std::clamp(std::log(value / low) / std::log(high / low), 0.0, 1.0) : 0.0;
}

GraphScale scaleOf(GraphMetric metric)
{
    switch (metric) {
    case GraphMetric::AtOutput:
        return {tr("error at output, relative L2"), 0.001, 1.0};
    case GraphMetric::Isolated:
        return {tr("isolated error, relative L2"), 0.001, 1.0};
    case GraphMetric::Accumulated:
        return {tr("accumulated error, relative L2"), 0.001, 1.0};
    case GraphMetric::WeightError:
        return {tr("weight error, relative L2"), 0.001, 1.0};
    case GraphMetric::Clipped:
        return {tr("values clipped"), 1e-5, 0.1};
    case GraphMetric::RangeUnused:
        return {tr("range not used"), 0.01, 1.0};
    case GraphMetric::RmseLsb:
        return {tr("isolated RMSE in LSB"), 0.1, 100.0};
    case GraphMetric::Time:
        return {tr("time of the quantized operator"), 1.0, 1e5};
    }
    return {};
}

QString menuTextOf(GraphMetric metric)
{
    switch (metric) {
    case GraphMetric::AtOutput:
        return tr("Error at the output");
    case GraphMetric::Isolated:
        return tr("Isolated error");
    case GraphMetric::Accumulated:
        return tr("Accumulated error");
    case GraphMetric::WeightError:
        return tr("Weight error");
    case GraphMetric::Clipped:
        return tr("Clipped values");
    case GraphMetric::RangeUnused:
        return tr("Unused range");
    case GraphMetric::RmseLsb:
        return tr("RMSE in LSB");
    case GraphMetric::Time:
        return tr("Time");
    }
    return {};
}

QString formulaOf(GraphMetric metric)
{
    switch (metric) {
    case GraphMetric::AtOutput:
        return tr("‖y−ŷ‖₂ / ‖y‖₂ of the network's output when only this operator is quantized");
    case GraphMetric::Isolated:
        return tr("‖y−ŷ‖₂ / ‖y‖₂ of the operator on quantized FP32 inputs");
    case GraphMetric::Accumulated:
        return tr("‖y−ŷ‖₂ / ‖y‖₂ of the quantized network up to here");
    case GraphMetric::WeightError:
        return tr("‖w−ŵ‖₂ / ‖w‖₂ of the weights");
    case GraphMetric::Clipped:
        return tr("Share of FP32 values outside the representable range");
    case GraphMetric::RangeUnused:
        return tr("1 − span of the FP32 values / representable range");
    case GraphMetric::RmseLsb:
        return tr("√(Σ(y−ŷ)² / n) / scale, isolated");
    case GraphMetric::Time:
        return tr("Mean time per sample of the quantized operator, µs");
    }
    return {};
}

std::optional<double> valueOf(GraphMetric metric, const core::LayerReport& layer)
{
    switch (metric) {
    case GraphMetric::AtOutput:
        return relative(layer.atOutput);
    case GraphMetric::Isolated:
        return relative(layer.isolated);
    case GraphMetric::Accumulated:
        return relative(layer.accumulated);
    case GraphMetric::WeightError:
        return layer.weightError ? layer.weightError->relativeL2 : std::nullopt;
    case GraphMetric::Clipped:
        return layer.outputQuantization ? std::optional(layer.outputQuantization->clipped) : std::nullopt;
    case GraphMetric::RangeUnused:
        return layer.outputQuantization
            ? std::optional(std::max(0.0, 1.0 - layer.outputQuantization->rangeUsed))
            : std::nullopt;
    case GraphMetric::RmseLsb:
        return layer.isolated ? layer.isolated->rmseLsb : std::nullopt;
    case GraphMetric::Time:
        return layer.quantizedMicroseconds > 0.0 ? std::optional(layer.quantizedMicroseconds) : std::nullopt;
    }
    return std::nullopt;
}

QString valueText(GraphMetric metric, double value)
{
    switch (metric) {
    case GraphMetric::RmseLsb:
        return QCoreApplication::translate("GraphMetric", "%1 LSB").arg(realText(value, 3));
    case GraphMetric::Time:
        return durationText(value);
    default:
        return shareText(value);
    }
}

QString legendText(GraphMetric metric, double value)
{
    const bool isShare = metric != GraphMetric::RmseLsb && metric != GraphMetric::Time;
    return isShare ? QStringLiteral("%1 %").arg(QString::number(100.0 * value, 'g', value >= 1.0 ? 3 : 2))
                   : valueText(metric, value);
}

} // namespace views
