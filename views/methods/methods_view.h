#pragma once

#include "views/base/panel.h"
#include "views/base/tensor_costs.h"

class QLabel;
class QPushButton;
class QTabBar;

namespace views {

class NetworkMethods;
class Selection;
class TensorMethods;

/// Calibration methods side by side, on the selected tensor and on the whole network; one click applies one.
class MethodsView : public Panel
{
    Q_OBJECT

public:
    enum class Page
    {
        Tensor,
        Network
    };

    MethodsView(Selection* selection, TensorCostsService* service, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan) override;
    void showPage(Page page);
    [[nodiscard]] NetworkMethods* network() const { return m_network; }

private:
    enum class Scope
    {
        Selected,
        Type,
        All,
        Leading
    };
    QWidget* makeButtons();
    void showCosts(const std::shared_ptr<const TensorCosts>& costs);
    void reset();
    void updateButtons();
    void apply(Scope scope);
    [[nodiscard]] std::shared_ptr<const core::LayerReport> leading() const;
    [[nodiscard]] std::optional<core::CalibrationMethod> chosen() const;

    Selection* m_selection;
    QTabBar* m_tabs;
    TensorMethods* m_tensor;
    NetworkMethods* m_network;
    QLabel* m_title;
    std::vector<std::pair<Scope, QPushButton*>> m_buttons;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
};

} // namespace views
