#pragma once

#include "core/report/results.h"
#include "views/base/panel.h"

#include <functional>
#include <memory>
#include <vector>

class QLabel;
class QPushButton;

namespace views {

class InspectorForm;
class Selection;
struct SettingsField;

/// Settings of the selected operators, one or many; every change is an edit of the plan.
class InspectorView : public Panel
{
    Q_OBJECT

public:
    explicit InspectorView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan) override;

public slots:
    void applyMethod(const core::CalibrationMethod& method); ///< to the output of every selected operator
    void toggleFloat(); ///< FP32 for all, or back when all are wished FP32
    void selectType(); ///< every operator of the type of the last selected
    void resetToDefaults();

signals:
    void copyCommandRequested();

private:
    using Change = std::function<void(core::OperatorSettings&)>;
    enum class Whom
    {
        All,
        Writers ///< those that choose the range of their output
    };
    void refresh();
    void connectForm();
    void edit(const SettingsField& field, const QString& what, const QString& value, const QString& mergeKey);
    void edit(const QString& what, Whom whom, const Change& change, const QString& mergeKey = {});
    [[nodiscard]] std::vector<std::shared_ptr<const core::LayerReport>> layers() const;
    [[nodiscard]] QString factsOf(const core::LayerReport& layer) const;
    [[nodiscard]] static QString
    precisionsOf(const std::vector<std::shared_ptr<const core::LayerReport>>& layers);

    Selection* m_selection;
    QLabel* m_title;
    QLabel* m_facts;
    InspectorForm* m_form;
    QPushButton* m_reset;
    QPushButton* m_selectType;
    QPushButton* m_copy;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
};

} // namespace views
