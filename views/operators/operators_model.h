#pragma once

#include "core/report/report.h"

#include <QAbstractTableModel>

#include <memory>

namespace views {

/// One row per operator of a report, in execution order.
class OperatorsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum class Column
    {
        Name,
        AtOutput,
        Why,
        Type,
        Precision,
        Isolated,
        IsolatedSqnr,
        MedianChannel,
        Accumulated,
        AccumulatedSqnr,
        RmseLsb,
        Clipped,
        RangeUsed,
        Saturated,
        WeightError,
        Method,
        Threshold,
        Scale,
        WeightMethod,
        Fp32Time,
        QuantizedTime,
        Depth,
        Implementation,
        Nodes,
    };
    static constexpr int kColumns = static_cast<int>(Column::Nodes) + 1;

    using QAbstractTableModel::QAbstractTableModel;

    /// Emits dataChanged for changed rows only when the operators are the same, so that selection and scroll
    /// stay.
    void setReport(std::shared_ptr<const core::Report> report);
    [[nodiscard]] const core::LayerReport& layer(int row) const
    {
        return *m_layers[static_cast<std::size_t>(row)];
    }
    [[nodiscard]] int rowOf(core::OperatorId op) const; ///< −1 when it has none
    [[nodiscard]] bool hasSensitivity() const { return sensitivitySamples() > 0; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    [[nodiscard]] static bool isShownByDefault(Column column);

private:
    /// Of the errors at the output; 0 where there are none yet.
    [[nodiscard]] std::uint64_t sensitivitySamples() const;
    [[nodiscard]] QString toolTip(const core::LayerReport& layer, Column column) const;

    std::vector<std::shared_ptr<const core::LayerReport>> m_layers;
    std::size_t m_samples = 0;
    bool m_synthetic = false;
};

} // namespace views
