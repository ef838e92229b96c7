#include "views/operators/operator_cells.h"

#include "core/report/cause.h"
#include "views/base/format.h"
#include "views/base/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace views {

namespace {

using Column = OperatorsModel::Column;
using core::LayerReport;

std::optional<double> relative(const std::optional<core::ErrorMetrics>& error)
{
    return error ? error->relativeL2 : std::nullopt;
}

std::optional<double> sqnr(const std::optional<core::ErrorMetrics>& error)
{
    if (!error || (!error->sqnrDb && error->l2 != 0.0)) {
        return std::nullopt;
    }
    return error->sqnrDb.value_or(std::numeric_limits<double>::infinity());
}

/// Values at the ends of the codes. The lowest code of an unsigned type with zero point 0 is what Relu makes:
/// not counted.
std::optional<double> saturatedShare(const LayerReport& layer)
{
    if (!layer.codeCounts || layer.codeCounts->empty() || !layer.activation
        || layer.activation->params.zeroPoint.empty()) {
        return std::nullopt;
    }
    const auto& params = layer.activation->params;
    double total = 0.0;
    for (const std::uint64_t count : *layer.codeCounts) {
        total += static_cast<double>(count);
    }
    double ends = static_cast<double>(layer.codeCounts->back());
    if (params.zeroPoint.front() != params.codes.lowest) {
        ends += static_cast<double>(layer.codeCounts->front());
    }
    return total > 0.0 ? std::optional(ends / total) : std::nullopt;
}

QString numberText(const LayerReport& layer, Column column, double value)
{
    switch (column) {
    case Column::IsolatedSqnr:
    case Column::AccumulatedSqnr:
        return decibelText(value);
    case Column::RmseLsb:
        return QString::number(value, 'f', value < 10.0 ? 2 : 1);
    case Column::Threshold:
        return rangeText(layer.activation->threshold.front());
    case Column::Scale:
        return realText(value);
    case Column::Fp32Time:
    case Column::QuantizedTime:
        return durationText(value);
    case Column::Depth:
        return QString::number(value);
    default:
        return shareText(value);
    }
}

QString plainText(const LayerReport& layer, Column column)
{
    const auto text = [](const std::string& s) { return QString::fromStdString(s); };
    switch (column) {
    case Column::Name:
        return text(layer.name);
    case Column::Type:
        return text(layer.type);
    case Column::Precision:
        return text(core::toString(layer.effective))
            + (layer.reason.empty() ? QString() : QStringLiteral(" *"));
    case Column::Why:
        return QString::fromUtf8(core::wordFor(core::causeOf(layer)).data());
    case Column::Method:
        if (layer.inheritsActivation) {
            return QCoreApplication::translate("OperatorsModel", "of its input");
        }
        return layer.activation ? text(layer.activation->method) : missingText();
    case Column::WeightMethod:
        return layer.weight ? text(layer.weight->method + ", " + layer.weight->granularity) : missingText();
    case Column::Implementation:
        return layer.implementation.empty() ? text(layer.backend)
                                            : text(layer.backend + " " + layer.implementation);
    case Column::Nodes: {
        QStringList names;
        for (const std::string& node : layer.nodes) {
            names << text(node);
        }
        return names.join(QStringLiteral(", "));
    }
    default:
        return missingText();
    }
}

} // namespace

std::optional<double> cellNumber(const LayerReport& layer, Column column)
{
    switch (column) {
    case Column::AtOutput:
        return relative(layer.atOutput);
    case Column::Isolated:
        return relative(layer.isolated);
    case Column::IsolatedSqnr:
        return sqnr(layer.isolated);
    case Column::MedianChannel:
        return layer.isolated ? layer.isolated->medianChannelRelativeL2 : std::nullopt;
    case Column::Accumulated:
        return relative(layer.accumulated);
    case Column::AccumulatedSqnr:
        return sqnr(layer.accumulated);
    case Column::RmseLsb:
        return layer.isolated ? layer.isolated->rmseLsb : std::nullopt;
    case Column::Clipped:
        return layer.outputQuantization ? std::optional(layer.outputQuantization->clipped) : std::nullopt;
    case Column::RangeUsed:
        return layer.outputQuantization ? std::optional(layer.outputQuantization->rangeUsed) : std::nullopt;
    case Column::Saturated:
        return saturatedShare(layer);
    case Column::WeightError:
        return layer.weightError ? layer.weightError->relativeL2 : std::nullopt;
    case Column::Threshold:
        if (layer.activation && !layer.activation->threshold.empty()) {
            const core::Range range = layer.activation->threshold.front();
            return std::max(std::abs(range.min), std::abs(range.max));
        }
        return std::nullopt;
    case Column::Scale:
        return layer.activation && !layer.activation->params.scale.empty()
            ? std::optional<double>(layer.activation->params.scale.front())
            : std::nullopt;
    case Column::Fp32Time:
        return layer.fp32Microseconds > 0.0 ? std::optional(layer.fp32Microseconds) : std::nullopt;
    case Column::QuantizedTime:
        return layer.quantizedMicroseconds > 0.0 ? std::optional(layer.quantizedMicroseconds) : std::nullopt;
    case Column::Depth:
        return layer.depth;
    default:
        return std::nullopt;
    }
}

QString cellText(const LayerReport& layer, Column column)
{
    const auto number = cellNumber(layer, column);
    return number ? numberText(layer, column, *number) : plainText(layer, column);
}

std::optional<double> cellHeat(const LayerReport& layer, Column column)
{
    switch (column) {
    case Column::AtOutput:
    case Column::Isolated:
    case Column::MedianChannel:
    case Column::Accumulated:
    case Column::WeightError: {
        const auto value = cellNumber(layer, column);
        return value ? std::optional(heatOfRelativeL2(*value)) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

} // namespace views
