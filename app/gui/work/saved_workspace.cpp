#include "app/gui/work/saved_workspace.h"

#include <algorithm>

namespace app {

io::SessionFile describeWorkspace(const Workspace& workspace)
{
    io::SessionFile session;
    const Workspace::History history = workspace.history();
    for (const Workspace::Step& step : history.steps) {
        session.history.push_back({step.label.toStdString(), step.plan});
    }
    session.current = history.current;
    for (const views::RunRecord& run : workspace.runs()) {
        session.runs.push_back({run.number, run.finished.toUTC().toString(Qt::ISODate).toStdString(),
                                run.label.toStdString(), run.note.toStdString(), run.results->report});
        if (run.results == workspace.baseline()) {
            session.baseline = run.number;
        }
    }
    return session;
}

namespace {

/// The newest run's own copy of an equal plan, so that its results are known to be those of the plan.
Workspace::Plan sharedWithRuns(const Workspace::Plan& plan, const std::vector<io::SavedRun>& runs)
{
    const auto found =
        std::find_if(runs.rbegin(), runs.rend(), [&](const auto& run) { return *run.report->plan == *plan; });
    return found == runs.rend() ? plan : found->report->plan;
}

} // namespace

std::shared_ptr<const ReopenedSession> reopenSession(const std::filesystem::path& file,
                                                     const std::filesystem::path& model)
{
    const io::SessionFile saved = io::readSession(file);
    ReopenedProject reopened = reopenProject(saved, {}, model);
    auto session = std::make_shared<ReopenedSession>();
    session->request = std::move(reopened.request);
    session->project = std::make_shared<const Project>(std::move(reopened.project));
    session->warnings = std::move(reopened.warnings);
    session->layout = saved.layout;
    for (const io::SavedPlan& step : saved.history) {
        session->history.steps.push_back(
            {QString::fromStdString(step.label), sharedWithRuns(step.plan, saved.runs)});
    }
    session->history.current = saved.current;
    const bool isCurrent = session->warnings.empty(); // else the statistics are no longer those of the runs
    for (const io::SavedRun& run : saved.runs) {
        auto results = std::make_shared<core::Results>(*resultsOf(*session->project->session, run.report));
        if (!isCurrent) {
            results->calibration = std::make_shared<const core::StatisticsByValue>(saved.calibration);
            results->evaluation = std::make_shared<const core::StatisticsByValue>(saved.evaluation);
        }
        session->runs.push_back(
            {static_cast<int>(run.number),
             QDateTime::fromString(QString::fromStdString(run.finished), Qt::ISODate).toLocalTime(),
             QString::fromStdString(run.label), QString::fromStdString(run.note), std::move(results)});
        if (saved.baseline == run.number) {
            session->baseline = session->runs.back().results;
        }
    }
    return session;
}

} // namespace app
