#include "app/gui/workspace.h"

#include "app/gui/set_plan_command.h"

namespace app {

Workspace::Workspace(QObject* parent)
    : QObject(parent)
    , m_plan(std::make_shared<core::QuantizationPlan>(core::QuantizationPlan::makeDefault()))
{
}

bool Workspace::isStale() const { return m_results && m_results->report->plan != m_plan; }

void Workspace::start(Plan plan)
{
    m_undo.clear();
    m_results.reset();
    m_baseline.reset();
    m_runs.clear();
    setPlan(std::move(plan));
    emit resultsChanged();
    emit baselineChanged();
    emit runsChanged();
}

void Workspace::edit(const views::PlanEdit& edit)
{
    if (*edit.plan != *m_plan) {
        m_undo.push(new SetPlanCommand(m_plan, edit.plan, edit.label, edit.mergeKey,
                                       [this](Plan plan) { setPlan(std::move(plan)); }));
    }
}

void Workspace::setPlan(Plan plan)
{
    m_plan = std::move(plan);
    emit planChanged(m_plan);
    emit staleChanged(isStale());
}

void Workspace::setResults(std::shared_ptr<const core::Results> results)
{
    if (results->report->plan != m_plan) {
        return;
    }
    const bool sameRun = m_results && m_results->report->plan == m_plan; // sensitivity came in
    m_results = std::move(results);
    if (sameRun && !m_runs.empty()) {
        m_runs.back().results = m_results;
    } else {
        const int number = m_runs.empty() ? 1 : m_runs.back().number + 1;
        const QString label = m_undo.canUndo() ? m_undo.undoText() : tr("Default plan");
        m_runs.push_back({number, QDateTime::currentDateTime(), label, {}, m_results});
    }
    emit resultsChanged();
    emit staleChanged(false);
    emit runsChanged();
}

void Workspace::pinBaseline(std::shared_ptr<const core::Results> results)
{
    m_baseline = std::move(results);
    emit baselineChanged();
}

void Workspace::setNote(int run, const QString& note)
{
    for (views::RunRecord& record : m_runs) {
        if (record.number == run) {
            record.note = note;
            emit runsChanged();
        }
    }
}

} // namespace app
