#pragma once

#include "core/report/results.h"
#include "views/base/plan_edit.h"
#include "views/base/run_record.h"

#include <QObject>
#include <QUndoStack>

#include <functional>
#include <vector>

namespace app {

/// What the window works on: the plan with its undo history, the newest results, the baseline, the runs so
/// far.
class Workspace : public QObject
{
    Q_OBJECT

public:
    using Plan = std::shared_ptr<const core::QuantizationPlan>;

    explicit Workspace(QObject* parent = nullptr);

    /// What readies every plan for the project before it is shown: binds its selectors. It gives back an
    /// equal plan and does not throw.
    void setBinder(std::function<Plan(Plan)> bind) { m_bind = std::move(bind); }
    [[nodiscard]] const Plan& plan() const { return m_plan; }
    [[nodiscard]] const std::shared_ptr<const core::Results>& results() const { return m_results; }
    [[nodiscard]] const std::shared_ptr<const core::Results>& baseline() const { return m_baseline; }
    [[nodiscard]] const std::vector<views::RunRecord>& runs() const { return m_runs; }
    [[nodiscard]] bool isStale() const; ///< there are results, but not those of the plan
    /// There are results of the plan, on all samples.
    [[nodiscard]] bool isUpToDate() const { return m_results && !isStale() && !m_results->isEarly(); }
    [[nodiscard]] QUndoStack* undoStack() { return &m_undo; }

    /// A plan of the undo history and the edit that led to it (empty for the first).
    struct Step
    {
        QString label;
        Plan plan;
    };
    struct History
    {
        std::vector<Step> steps; ///< oldest first; never empty
        std::size_t current = 0; ///< index of the plan in force
    };
    [[nodiscard]] History history() const;

    void start(Plan plan); ///< another project: forgets everything
    /// Another project as it was left: results that belong to the plan in force are shown as they are.
    void restore(const History& history, std::vector<views::RunRecord> runs,
                 std::shared_ptr<const core::Results> baseline);
    void edit(const views::PlanEdit& edit);
    void
    setResults(std::shared_ptr<const core::Results> results); ///< dropped unless they are of the current plan
    /// The same of a run that goes on: shown, but no run of the list yet. A baseline that was pinned
    /// meanwhile becomes the whole run.
    void setEarlyResults(std::shared_ptr<const core::Results> results);
    void pinBaseline(std::shared_ptr<const core::Results> results); ///< null unpins
    void setNote(int run, const QString& note);

signals:
    void planChanged(std::shared_ptr<const core::QuantizationPlan> plan);
    void resultsChanged();
    void staleChanged(bool stale);
    void baselineChanged();
    void runsChanged();

private:
    void setPlan(Plan plan);
    void pushEdit(Plan plan, const QString& label, const QString& mergeKey);

    [[nodiscard]] bool isOfPlan(const core::Results& results) const;

    std::function<Plan(Plan)> m_bind;
    Plan m_plan;
    Plan m_first; ///< what the undo history starts from
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::Results> m_baseline;
    std::vector<views::RunRecord> m_runs;
    QUndoStack m_undo;
};

} // namespace app
