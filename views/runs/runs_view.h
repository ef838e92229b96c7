#pragma once

#include "views/base/panel.h"

#include <vector>

class QLabel;
class QPushButton;

namespace views {

class Selection;
class ValueTable;

/// Every run so far; two of them side by side, operators sorted by how much worse they became.
class RunsView : public Panel
{
    Q_OBJECT

public:
    explicit RunsView(Selection* selection, QWidget* parent = nullptr);

    void setRuns(const std::vector<RunRecord>& runs) override;
    void setBaseline(std::shared_ptr<const core::Results> baseline) override;

signals:
    void baselineWanted(std::shared_ptr<const core::Results> results); ///< null unpins
    void noteEdited(int run, const QString& note);

private:
    void refreshRuns();
    void refreshDifference();
    void showPlanDifference(const core::QuantizationPlan* other, const RunRecord* now);
    [[nodiscard]] const RunRecord* selectedRun() const;

    Selection* m_selection;
    ValueTable* m_table;
    ValueTable* m_difference;
    QLabel* m_differenceTitle;
    QLabel* m_planDifference; ///< what the plan of the run says otherwise
    QPushButton* m_pin;
    QPushButton* m_restore;
    std::vector<RunRecord> m_runs;
    std::shared_ptr<const core::Results> m_baseline;
};

} // namespace views
