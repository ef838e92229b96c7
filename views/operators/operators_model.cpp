#include "views/operators/operators_model.h"

#include "views/base/format.h"
#include "views/base/roles.h"
#include "views/operators/operator_cells.h"
#include "views/operators/operator_columns.h"

#include <algorithm>

namespace views {

using core::LayerReport;

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
    emit headerDataChanged(Qt::Horizontal, 0, kColumns - 1);
}

int OperatorsModel::rowOf(core::OperatorId op) const
{
    const auto found = std::ranges::find_if(m_layers, [&](const auto& layer) { return layer->id == op; });
    return found == m_layers.end() ? -1 : static_cast<int>(found - m_layers.begin());
}

std::uint64_t OperatorsModel::sensitivitySamples() const
{
    const auto known =
        std::ranges::find_if(m_layers, [](const auto& layer) { return layer->atOutput.has_value(); });
    return known == m_layers.end() ? 0 : (*known)->atOutput->samples;
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
    case Qt::DisplayRole:
        return cellText(row, column);
    case SortRole: {
        if (!columnOf(column).numeric) {
            return cellText(row, column);
        }
        const auto number = cellNumber(row, column);
        return number ? QVariant(*number) : QVariant();
    }
    case HeatRole: {
        const auto heat = cellHeat(row, column);
        return heat ? QVariant(*heat) : QVariant();
    }
    case OperatorRole:
        return static_cast<uint>(row.id);
    case Qt::TextAlignmentRole:
        return static_cast<int>((columnOf(column).numeric ? Qt::AlignRight : Qt::AlignLeft)
                                | Qt::AlignVCenter);
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
        tip +=
            tr("\nisolated %1, accumulated %2, at the output %3")
                .arg(relativeText(row.isolated), relativeText(row.accumulated), relativeText(row.atOutput));
        if (row.outputQuantization && row.isolated->relativeL2 && row.isolated->l2 > 0.0) {
            const double unit = *row.isolated->relativeL2 / row.isolated->l2; // 1 / ‖y‖₂
            tip += tr("\noutput quantization: clip %1, round %2, range used %3")
                       .arg(shareText(row.outputQuantization->clipL2 * unit),
                            shareText(row.outputQuantization->roundL2 * unit),
                            shareText(row.outputQuantization->rangeUsed));
        }
        if (row.weightError && row.weightError->relativeL2) {
            tip += tr("\nweights %1, worst channel %2")
                       .arg(shareText(*row.weightError->relativeL2))
                       .arg(row.weightError->worstChannel);
        }
    }
    if (column != Column::Why) { // whose help says to look here
        tip += QLatin1Char('\n') + tr(columnOf(column).help);
    }
    const auto measured = column == Column::AtOutput && row.atOutput ? row.atOutput->samples : m_samples;
    if (columnOf(column).numeric && measured > 0) {
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
    const OperatorColumn& text = columnOf(static_cast<Column>(section));
    switch (role) {
    case Qt::DisplayRole: // its samples are fewer than those of the other columns
        return section == static_cast<int>(Column::AtOutput) && hasSensitivity()
            ? tr("%1 · n %2").arg(tr(text.title)).arg(sensitivitySamples())
            : tr(text.title);
    case Qt::ToolTipRole:
        return section == static_cast<int>(Column::AtOutput) && hasSensitivity()
            ? tr("%1.\nOver the first %n samples of the evaluation data", nullptr,
                 static_cast<int>(sensitivitySamples()))
                  .arg(tr(text.help))
            : tr(text.help);
    case Qt::TextAlignmentRole:
        return static_cast<int>((text.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool OperatorsModel::isShownByDefault(Column column) { return columnOf(column).shown; }

} // namespace views
