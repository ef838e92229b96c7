#include "app/gui/work/workspace.h"

#include "app/gui/work/set_plan_command.h"

#include <QSignalBlocker>

namespace app {

Workspace::Workspace(QObject* parent)
    : QObject(parent)
    , m_plan(std::make_shared<core::QuantizationPlan>(core::QuantizationPlan::makeDefault()))
    , m_first(m_plan)
{
}

bool Workspace::isOfPlan(const core::Results& results) const
{
    return results.report->plan == m_plan || *results.report->plan == *m_plan;
}

bool Workspace::isStale() const { return m_results && !isOfPlan(*m_results); }

void Workspace::start(Plan plan)
{
    m_undo.clear();
    m_results.reset();
    m_baseline.reset();
    m_runs.clear();
    m_first = plan;
    setPlan(std::move(plan));
    emit resultsChanged();
    emit baselineChanged();
    emit runsChanged();
}

void Workspace::edit(const views::PlanEdit& edit)
{
    if (*edit.plan != *m_plan) {
        pushEdit(edit.plan, edit.label, edit.mergeKey);
    }
}

void Workspace::pushEdit(Plan plan, const QString& label, const QString& mergeKey)
{
    m_undo.push(new SetPlanCommand(m_plan, std::move(plan), label, mergeKey,
                                   [this](Plan next) { setPlan(std::move(next)); }));
}

Workspace::History Workspace::history() const
{
    History history{{{QString(), m_first}}, static_cast<std::size_t>(m_undo.index())};
    for (int i = 0; i < m_undo.count(); ++i) {
        const auto* const command = static_cast<const SetPlanCommand*>(m_undo.command(i));
        history.steps.push_back({command->text(), command->after()});
    }
    return history;
}

void Workspace::restore(const History& history, std::vector<views::RunRecord> runs,
                        std::shared_ptr<const core::Results> baseline)
{
    {
        const QSignalBlocker quiet(this); // what is in between was never a state to show
        start(history.steps.front().plan);
        for (std::size_t i = 1; i < history.steps.size(); ++i) {
            pushEdit(history.steps[i].plan, history.steps[i].label, {});
        }
        m_undo.setIndex(static_cast<int>(history.current));
        m_undo.setClean();
    }
    m_runs = std::move(runs);
    m_baseline = std::move(baseline);
    for (const views::RunRecord& run : m_runs) {
        if (isOfPlan(*run.results)) {
            m_results = run.results;
        }
    }
    emit resultsChanged();
    emit planChanged(m_plan);
    emit staleChanged(isStale());
    emit baselineChanged();
    emit runsChanged();
}

void Workspace::setPlan(Plan plan)
{
    m_plan = m_bind ? m_bind(std::move(plan)) : std::move(plan);
    emit planChanged(m_plan);
    emit staleChanged(isStale());
}

void Workspace::setResults(std::shared_ptr<const core::Results> results)
{
    if (!isOfPlan(*results)) {
        return;
    }
    const bool wasEarly = m_results && m_results->isEarly();
    const bool sameRun =
        m_results && !wasEarly && m_results->report->plan == results->report->plan; // sensitivity came in
    if (m_baseline && m_baseline->isEarly() && m_baseline->report->plan == results->report->plan) {
        pinBaseline(results);
    }
    m_results = std::move(results);
    if (sameRun && !m_runs.empty()) {
        m_runs.back().results = m_results;
    } else {
        const int number = m_runs.empty() ? 1 : m_runs.back().number + 1;
        const QString label = m_undo.canUndo() ? m_undo.undoText() : tr("Starting plan");
        m_runs.push_back({number, QDateTime::currentDateTime(), label, {}, m_results});
    }
    emit resultsChanged();
    emit staleChanged(false);
    emit runsChanged();
}

void Workspace::setEarlyResults(std::shared_ptr<const core::Results> results)
{
    if (isOfPlan(*results)) {
        m_results = std::move(results);
        emit resultsChanged();
        emit staleChanged(false);
    }
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
