#pragma once

#include "core/results.h"
#include "views/plan_edit.h"

#include <QWidget>

#include <functional>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace views {

class Selection;

/// Settings of the selected operators, one or many; every change is an edit of the plan.
class InspectorView : public QWidget
{
    Q_OBJECT

public:
    explicit InspectorView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results);
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan);

public slots:
    void applyMethod(const core::CalibrationMethod& method); ///< to the output of every selected operator
    void toggleFloat(); ///< FP32 for all, or back when all are wished FP32

signals:
    void planEdited(const views::PlanEdit& edit);
    void copyCommandRequested();

private:
    using Change = std::function<void(core::OperatorSettings&)>;
    void refresh();
    void edit(const QString& what, const Change& change, const QString& mergeKey = {});
    void selectType();
    void resetToDefaults();
    void connectFields();
    void showFields(const std::vector<core::OperatorSettings>& settings);
    [[nodiscard]] std::vector<std::shared_ptr<const core::LayerReport>> layers() const;
    [[nodiscard]] QString factsOf(const core::LayerReport& layer) const;

    Selection* m_selection;
    QLabel* m_title;
    QLabel* m_facts;
    QWidget* m_fields;
    QFormLayout* m_outputForm = nullptr;
    QComboBox* m_precision;
    QComboBox* m_scheme;
    QComboBox* m_bits;
    QComboBox* m_method;
    QDoubleSpinBox* m_parameter;
    QComboBox* m_weightScheme;
    QComboBox* m_granularity;
    QComboBox* m_weightBits;
    QComboBox* m_weightMethod;
    QPushButton* m_reset;
    QPushButton* m_selectType;
    QPushButton* m_copy;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    bool m_showing = false;
};

} // namespace views
