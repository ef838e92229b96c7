#pragma once

#include "core/diagnosis/diagnose.h"
#include "core/report/results.h"
#include "views/base/panel.h"

#include <memory>
#include <optional>
#include <string>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace views {

class ErrorFactorsView;
class Selection;
class ValueTable;

/// What is wrong and what helps: findings worst first, the numbers that prove one, its fixes with the gain
/// that was measured. Choosing a finding selects its operator everywhere; a fix is an edit of the plan.
class DoctorView : public Panel
{
    Q_OBJECT

public:
    using Plan = std::shared_ptr<const core::QuantizationPlan>;

    explicit DoctorView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override; ///< null: another network
    void setPlan(Plan plan) override;
    void setDiagnosis(std::shared_ptr<const core::Diagnosis> diagnosis);
    void setProgress(const core::Progress& progress);
    void setBusy(bool busy);
    [[nodiscard]] const std::shared_ptr<const core::Diagnosis>& diagnosis() const { return m_diagnosis; }

signals:
    void diagnosisWanted();
    void cancelWanted();
    void baselineWanted(); ///< what is now is what a fix is compared with

private:
    enum class Then
    {
        Nothing,
        Compare
    };
    void refresh();
    void refreshFixes();
    void refreshButtons();
    void showFinding(int finding);
    void apply(Then then);
    void applyAll();
    [[nodiscard]] const core::Finding* chosen() const;
    [[nodiscard]] const core::Fix* chosenFix() const; ///< null when it cannot be applied

    Selection* m_selection;
    QLabel* m_summary;
    QProgressBar* m_bar;
    QPushButton* m_start;
    QPushButton* m_applyAll;
    QStackedWidget* m_pages; ///< what it does, before the first diagnosis; then the tables
    ValueTable* m_findings;
    QLabel* m_explanation;
    ValueTable* m_proofs;
    ErrorFactorsView* m_factors;
    ValueTable* m_fixes;
    QPushButton* m_try;
    QPushButton* m_accept;
    std::shared_ptr<const core::Diagnosis> m_diagnosis;
    std::shared_ptr<const core::Results> m_results;
    Plan m_plan;
    std::optional<std::size_t> m_chosen; ///< finding
    std::optional<std::size_t> m_chosenFix; ///< of its fixes
    bool m_busy = false;
};

} // namespace views
