#include "views/operators_model.h"

#include "core/cause.h"
#include "views/format.h"
#include "views/roles.h"
#include "views/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace views {

namespace {

using Column = OperatorsModel::Column;
using core::LayerReport;

struct ColumnText
{
    const char* title;
    const char* help;
    bool numeric;
    bool shown;
};

// In the order of Column. Titles carry the unit, help the formula.
constexpr std::array<ColumnText, OperatorsModel::kColumns> kColumnTexts{{
    {QT_TRANSLATE_NOOP("OperatorsModel", "Operator"),
     QT_TRANSLATE_NOOP("OperatorsModel", "ONNX name of the operator's anchor node"), false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "At output"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Error of the network's output when only this operator is quantized: ‖y−ŷ‖₂ / ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Why"),
     QT_TRANSLATE_NOOP("OperatorsModel", "What most of the error comes from; the tooltip has the numbers"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Type"), QT_TRANSLATE_NOOP("OperatorsModel", "ONNX operator type"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Precision"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Effective precision. An asterisk marks one that differs from the wish; the tooltip says why"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Isolated"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Own error: the operator runs quantized and in FP32 on the same quantized inputs. "
                       "‖y−ŷ‖₂ / ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Iso. dB"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "SQNR of the isolated error: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂), in dB; ∞ without error"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Med. chan."),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Median over channels of the isolated ‖y_c−ŷ_c‖₂ / ‖y_c‖₂: a whole-tensor norm hides "
                       "ruined small channels"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Accum."),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Quantized pipeline against the FP32 pipeline, both from the network's input: ‖y−ŷ‖₂ "
                       "/ ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Acc. dB"),
     QT_TRANSLATE_NOOP("OperatorsModel", "SQNR of the accumulated error: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂), in dB"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "LSB"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Isolated RMSE in steps of the output scale: sqrt(Σ(y−ŷ)²/n) / scale; rounding alone gives 0.29"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Clipped"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Share of FP32 output values outside the representable range"), true,
     true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Range used"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Share of the representable range that the FP32 values span"), true,
     false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Saturated"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Share of the quantized pipeline's values at the highest code, or at the lowest where "
                       "that is not zero"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Weights"),
     QT_TRANSLATE_NOOP("OperatorsModel", "‖w−ŵ‖₂ / ‖w‖₂ of the quantized weights, in percent"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Method"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Calibration method of the output activation"), false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Threshold"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Range that the method chose for the output, in the tensor's own unit"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Scale"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Step of the output's grid: real = scale × (q − zero point)"), true,
     false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Weight method"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Calibration method and granularity of the weights"), false, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "FP32 time"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Time of the FP32 operator per sample"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Int8 time"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Time of the quantized operator per sample"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Depth"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Longest path from an input, in operators"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Implementation"),
     QT_TRANSLATE_NOOP("OperatorsModel", "What computed the quantized operator"), false, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "ONNX nodes"),
     QT_TRANSLATE_NOOP("OperatorsModel", "The ONNX nodes fused into this operator"), false, false},
}};

const ColumnText& textOf(Column column) { return kColumnTexts[static_cast<std::size_t>(column)]; }

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

std::optional<double> numberOf(const LayerReport& layer, Column column)
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

std::optional<double> heatOf(const LayerReport& layer, Column column)
{
    switch (column) {
    case Column::AtOutput:
    case Column::Isolated:
    case Column::MedianChannel:
    case Column::Accumulated:
    case Column::WeightError: {
        const auto value = numberOf(layer, column);
        return value ? std::optional(heatOfRelativeL2(*value)) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

} // namespace

void OperatorsModel::setReport(std::shared_ptr<const core::Report> report)
{
    auto next = report ? report->layers : decltype(m_layers){};
    m_samples = report ? report->samples : 0;
    m_synthetic = report && report->synthetic;
    const bool sameOperators = std::ranges::equal(
        next, m_layers, {}, [](const auto& layer) { return layer->name; },
        [](const auto& layer) { return layer->name; });
    if (!sameOperators) {
        beginResetModel();
        m_layers = std::move(next);
        endResetModel();
        return;
    }
    std::swap(m_layers, next); // next now holds the old layers
    for (std::size_t first = 0; first < m_layers.size(); ++first) {
        if (m_layers[first] == next[first]) {
            continue;
        }
        std::size_t last = first;
        while (last + 1 < m_layers.size() && m_layers[last + 1] != next[last + 1]) {
            ++last;
        }
        emit dataChanged(index(static_cast<int>(first), 0), index(static_cast<int>(last), kColumns - 1));
        first = last;
    }
}

int OperatorsModel::rowOf(core::OperatorId op) const
{
    const auto found = std::ranges::find_if(m_layers, [&](const auto& layer) { return layer->id == op; });
    return found == m_layers.end() ? -1 : static_cast<int>(found - m_layers.begin());
}

bool OperatorsModel::hasSensitivity() const
{
    return std::ranges::any_of(m_layers, [](const auto& layer) { return layer->atOutput.has_value(); });
}

int OperatorsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_layers.size());
}

int OperatorsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant OperatorsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const LayerReport& row = layer(index.row());
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: {
        const auto number = numberOf(row, column);
        return number ? numberText(row, column, *number) : plainText(row, column);
    }
    case SortRole: {
        if (!textOf(column).numeric) {
            return plainText(row, column);
        }
        const auto number = numberOf(row, column);
        return number ? QVariant(*number) : QVariant();
    }
    case HeatRole: {
        const auto heat = heatOf(row, column);
        return heat ? QVariant(*heat) : QVariant();
    }
    case OperatorRole:
        return static_cast<uint>(row.id);
    case Qt::TextAlignmentRole:
        return static_cast<int>((textOf(column).numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return toolTip(row, column);
    default:
        return {};
    }
}

QString OperatorsModel::toolTip(const LayerReport& row, Column column) const
{
    QString tip = tr("%1 (%2)").arg(QString::fromStdString(row.name), QString::fromStdString(row.type));
    if (!row.reason.empty()) {
        tip += tr("\nasked for %1, runs as %2: %3")
                   .arg(QString::fromStdString(core::toString(row.requested)),
                        QString::fromStdString(core::toString(row.effective)),
                        QString::fromStdString(row.reason));
    }
    if (column == Column::Why && row.isolated) {
        tip += tr("\nisolated %1, accumulated %2")
                   .arg(relativeText(row.isolated), relativeText(row.accumulated));
        if (row.outputQuantization) {
            tip +=
                tr("\noutput quantization: clip L2 %1, round L2 %2, range used %3")
                    .arg(realText(row.outputQuantization->clipL2), realText(row.outputQuantization->roundL2),
                         shareText(row.outputQuantization->rangeUsed));
        }
        if (row.weightError && row.weightError->relativeL2) {
            tip += tr("\nweights %1, worst channel %2")
                       .arg(shareText(*row.weightError->relativeL2))
                       .arg(row.weightError->worstChannel);
        }
    }
    tip += QLatin1Char('\n') + tr(textOf(column).help);
    const auto measured = column == Column::AtOutput && row.atOutput ? row.atOutput->samples : m_samples;
    if (textOf(column).numeric && measured > 0) {
        tip += tr("\nmeasured on %n samples", nullptr, static_cast<int>(measured));
        tip += m_synthetic ? tr(" of synthetic data") : QString();
    }
    return tip;
}

QVariant OperatorsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    const ColumnText& text = kColumnTexts[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return tr(text.title);
    case Qt::ToolTipRole:
        return tr(text.help);
    case Qt::TextAlignmentRole:
        return static_cast<int>((text.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool OperatorsModel::isShownByDefault(Column column) { return textOf(column).shown; }

} // namespace views
