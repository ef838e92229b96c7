#pragma once

#include "core/report/results.h"
#include "views/base/panel.h"
#include "views/base/search_record.h"

#include <memory>
#include <optional>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QSplitter;

namespace views {

class ParetoPlot;
class ValueTable;

/// Mixed precision and methods under a budget, as an anytime job: every plan that was measured as a point of
/// int8 share against quality, and in a table; any of them can be loaded at any time.
class SearchView : public Panel
{
    Q_OBJECT

public:
    using Plan = std::shared_ptr<const core::QuantizationPlan>;

    explicit SearchView(QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override; ///< null: another network
    void setPlan(Plan plan) override;
    void start(); ///< with the target that is shown
    void setRecord(std::shared_ptr<const SearchRecord> record);
    void setProgress(const core::Progress& progress);
    void setBusy(bool busy);
    [[nodiscard]] const std::shared_ptr<const SearchRecord>& record() const { return m_record; }

signals:
    void searchWanted(const core::SearchGoal& goal, std::size_t trials);
    void cancelWanted();

private:
    void proposeTarget();
    void refresh();
    void refreshRows();
    void refreshSummary();
    void refreshButtons();
    void choose(int trial);
    void load();
    [[nodiscard]] core::SearchGoal goal() const;
    [[nodiscard]] bool canContinue() const; ///< the record is of this plan and goal, and not at its end

    QComboBox* m_goal;
    QDoubleSpinBox* m_target;
    QSpinBox* m_trials;
    QPushButton* m_start;
    QProgressBar* m_bar;
    QLabel* m_summary;
    QPushButton* m_load;
    ParetoPlot* m_plot;
    ValueTable* m_table;
    std::shared_ptr<const SearchRecord> m_record;
    std::shared_ptr<const core::Results> m_results;
    Plan m_plan;
    std::optional<std::size_t> m_chosen; ///< trial, index
    bool m_busy = false;
};

} // namespace views
