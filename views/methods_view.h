#pragma once

#include "views/plan_edit.h"
#include "views/tensor_costs.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace views {

class Selection;
class ValueTable;

/// Every calibration method, compatibility variants too, on the selected tensor; one click applies one.
class MethodsView : public QWidget
{
    Q_OBJECT

public:
    MethodsView(Selection* selection, TensorCostsService* service, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results);
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan);

signals:
    void planEdited(const views::PlanEdit& edit);

private:
    enum class Scope
    {
        Selected,
        Type,
        All
    };
    void show(const std::shared_ptr<const TensorCosts>& costs);
    void reset();
    void apply(Scope scope);

    Selection* m_selection;
    ValueTable* m_table;
    QLabel* m_title;
    std::vector<QPushButton*> m_buttons;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::shared_ptr<const TensorCosts> m_costs;
};

} // namespace views
