#pragma once

#include "app/common/project.h"
#include "core/report/results.h"
#include "views/base/jobs.h"

#include <QObject>

#include <memory>

namespace app {

struct ReopenedSession;

/// Runs a project off the UI thread and brings finished values over, one queued call each.
class RunController : public QObject
{
    Q_OBJECT

public:
    using Plan = std::shared_ptr<const core::QuantizationPlan>;

    explicit RunController(QObject* parent = nullptr);

    /// Opens and runs; the project replaces the one before when it could be opened. A plan of null is the one
    /// that the model starts with.
    void open(const ProjectRequest& request, Plan plan);
    /// Opens a session file without running anything; the project replaces the one before when it could be
    /// opened.
    void openSession(const std::filesystem::path& file, const std::filesystem::path& model = {});
    /// Runs the plan on the open project; a run under way gives way to it, unless it is of that very plan.
    void run(Plan plan);
    void cancel();
    void setSensitivitySamples(std::size_t samples) { m_sensitivitySamples = samples; } ///< 0: never
    /// How much memory projects use, about, the open one at once; results stay the same.
    void setMemory(std::size_t bytes);
    [[nodiscard]] bool isBusy() const { return m_busy; }
    [[nodiscard]] bool awaitsTensors() const { return m_jobs.isPending(this, views::Jobs::Lane::Preview); }
    [[nodiscard]] const std::shared_ptr<const Project>& project() const { return m_project; }

    /// All work on the open project, one at a time. Runs are in the lane Run and their sensitivity in
    /// Background; a new run cancels all others. Short work goes into Preview, where the newest wins; long
    /// work that the user started into Batch, see BatchService.
    [[nodiscard]] views::Jobs* jobs() { return &m_jobs; }

    /// One tensor of one sample, for views that draw it; answers with tensorsReady().
    void requestTensors(const Plan& plan, core::OperatorId op, std::size_t sample);

signals:
    void opened(std::shared_ptr<const core::QuantizationPlan> plan);
    void sessionOpened(std::shared_ptr<const app::ReopenedSession> session);
    void progressed(const core::Progress& progress);
    /// The first samples of the run under way; resultsReady() or cancelled() follows.
    void earlyResultsReady(std::shared_ptr<const core::Results> results);
    void resultsReady(std::shared_ptr<const core::Results> results);
    void sensitivityReady(std::shared_ptr<const core::Results> results);
    void tensorsReady(core::OperatorId op, std::size_t sample,
                      std::shared_ptr<const core::SampleTensors> tensors);
    void failed(const QString& message);
    /// What was open stays open. `modelIsReadable`: other data or shapes may help.
    void openFailed(const QString& message, bool modelIsReadable);
    void busyChanged(bool busy);
    void cancelled();

private:
    using Results = std::shared_ptr<const core::Results>;
    /// On the worker's thread; null when stopped.
    [[nodiscard]] Results runOf(const std::shared_ptr<const Project>& project, const Plan& plan,
                                const views::Jobs::Call& call);
    void begin(Plan plan); ///< what is under way from now on
    void takeResults(const Results& results);
    void measureSensitivity(const Results& results);
    [[nodiscard]] views::Jobs::Events events(); ///< of what makes the controller busy
    void setBusy(bool busy);

    std::shared_ptr<const Project> m_project;
    Plan m_underWay; ///< plan of the run, while busy
    std::size_t m_sensitivitySamples = 4;
    std::size_t m_memoryBytes = core::defaultMemoryBytes();
    bool m_busy = false;
    views::Jobs m_jobs; // last: joins before the rest is destroyed
};

} // namespace app
