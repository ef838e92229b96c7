#pragma once

#include "core/plan/plan.h"
#include "views/base/tensor_costs.h"

#include <QTableWidget>

#include <memory>
#include <optional>
#include <vector>

namespace views {

/// What each calibration method would choose for one tensor, with the colour of its line in the plot above.
class MethodLegend : public QTableWidget
{
    Q_OBJECT

public:
    explicit MethodLegend(QWidget* parent = nullptr);

    /// `used`: the method in the plan. `name`: of the operator, for tooltips.
    void setCosts(std::shared_ptr<const TensorCosts> costs,
                  const std::optional<core::CalibrationMethod>& used, const QString& name);
    [[nodiscard]] const std::vector<int>& shown() const
    {
        return m_shown;
    } ///< rows as indices into costs->methods
    void clearCosts();
    void showPending(); ///< until setCosts: no numbers, rather than those of another tensor

signals:
    void highlighted(int row); ///< −1: none
    void applied(const core::CalibrationMethod& method); ///< double click or Enter

private:
    void fillRow(int row, bool best, bool current, const QString& name);
    void fitHeight();

    std::shared_ptr<const TensorCosts> m_costs;
    std::vector<int> m_shown;
};

} // namespace views
