#pragma once

#include "core/results.h"
#include "views/distribution_plot.h"
#include "views/plan_edit.h"
#include "views/tensor_costs.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QTableWidget;
class QToolButton;

namespace views {

class Selection;

/// The output of the selected operator: its histograms, what each method would choose, the range in use to be
/// dragged.
class DistributionView : public QWidget
{
    Q_OBJECT

public:
    DistributionView(Selection* selection, TensorCostsService* service, QWidget* parent = nullptr);
    ~DistributionView() override;

    void setResults(std::shared_ptr<const core::Results> results);
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan);
    void setStale(bool stale);

public slots:
    void nudge(int steps); ///< moves the handle last touched by that many steps of the output's scale

signals:
    void planEdited(const views::PlanEdit& edit);

private:
    void refresh();
    void showEmpty(const QString& text);
    void showLimits(core::Range range);
    void showCost(const core::QuantizationCost& cost, bool live);
    void showCosts(const std::shared_ptr<const TensorCosts>& costs);
    void dragged(core::Range range);
    void commit(core::Range range, const QString& mergeKey);
    void takeTypedLimits();
    void applyMethod(int row);
    [[nodiscard]] core::Range currentRange() const;

    Selection* m_selection;
    TensorCostsService* m_service;
    DistributionPlot* m_plot;
    QLabel* m_title;
    QLabel* m_details;
    QLabel* m_empty;
    QWidget* m_content;
    QLineEdit* m_min;
    QLineEdit* m_max;
    QLabel* m_cost;
    QToolButton* m_linear;
    QTableWidget* m_methods;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::shared_ptr<const core::LayerReport> m_layer;
    std::shared_ptr<const TensorCosts> m_costs;
    std::vector<int> m_shown; ///< rows of the table as indices into m_costs->methods
    DistributionPlot::Handle m_touched = DistributionPlot::Handle::Max;
};

} // namespace views
