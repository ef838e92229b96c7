#pragma once

#include "core/report/results.h"
#include "views/base/small_multiples.h"
#include "views/base/tensor_costs.h"

#include <QWidget>

#include <memory>
#include <optional>

namespace views {

class ValueTable;

/// Every calibration method on one tensor, compatibility variants too: a table, and a small histogram each.
class TensorMethods : public QWidget
{
    Q_OBJECT

public:
    explicit TensorMethods(QWidget* parent = nullptr);

    void show(std::shared_ptr<const TensorCosts> costs, const core::TensorStatistics* statistics,
              const std::optional<core::CalibrationMethod>& used);
    void clear();
    [[nodiscard]] std::optional<core::CalibrationMethod> chosen() const;

signals:
    void chosenChanged();
    void activated(); ///< double click or Enter on the chosen one

private:
    void showTable();
    void showMultiples(const core::TensorStatistics* statistics,
                       const std::optional<core::CalibrationMethod>& used);

    ValueTable* m_table;
    SmallMultiples* m_multiples;
    std::shared_ptr<const TensorCosts> m_costs;
};

} // namespace views
