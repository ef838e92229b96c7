#pragma once

#include "app/common/project.h"
#include "core/base/run_queue.h"
#include "core/report/results.h"
#include "core/session/network_comparison.h"

#include <QObject>

#include <functional>
#include <memory>
#include <stop_token>

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
    void openSession(const std::filesystem::path& file);
    /// Runs the plan on the open project; a run under way gives way to it, unless it is of that very plan.
    void run(Plan plan);
    void cancel();
    void setSensitivitySamples(std::size_t samples) { m_sensitivitySamples = samples; } ///< 0: never
    [[nodiscard]] bool isBusy() const { return m_busy; }
    [[nodiscard]] bool awaitsTensors() const { return m_tensorsAwaited; }
    [[nodiscard]] const std::shared_ptr<const Project>& project() const { return m_project; }

    /// Runs a job with the open project to itself, off the UI thread; of such jobs and tensor requests the
    /// newest wins. The job brings its answer over and catches its own errors. Nothing happens without a
    /// project.
    void withProject(std::function<void(const Project&, const std::stop_token&)> job);

    /// One tensor of one sample, for views that draw it; answers with tensorsReady().
    void requestTensors(Plan plan, core::OperatorId op, std::size_t sample);

    /// Runs a long job with the open project to itself, after the run, its sensitivity and previews: pushed
    /// aside by them it starts over. A new run drops it, and another batch does; batchDropped() tells.
    void runBatch(std::function<void(const Project&, const std::stop_token&)> job);
    void cancelBatch();
    /// What the long job is called that is running; empty for none. Kept by those who start them.
    [[nodiscard]] const QString& batchTitle() const { return m_batchTitle; }
    void setBatchTitle(const QString& title) { m_batchTitle = title; }
    [[nodiscard]] QString batchRefusal() const; ///< why no other long job starts now

    /// Every method on the whole network, after the run and its sensitivity; a run stops it. What is finished
    /// has been told.
    void compareMethods(const Plan& plan);
    void cancelComparison();
    [[nodiscard]] bool isComparing() const { return m_comparing; }

signals:
    void methodCompared(const core::NetworkOutcome& outcome);
    void comparisonProgressed(const core::Progress& progress);
    void comparingChanged(bool comparing);
    void batchDropped();
    void opened(std::shared_ptr<const core::QuantizationPlan> plan);
    void sessionOpened(std::shared_ptr<const app::ReopenedSession> session);
    void progressed(const core::Progress& progress);
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
    core::ProgressCallback progressTo(std::uint64_t job);
    void submitRun(std::shared_ptr<const Project> project, Plan plan, std::uint64_t job,
                   const ProjectRequest* request);
    void submitSensitivity(const std::shared_ptr<const core::Results>& results, std::uint64_t job);
    void finish(std::uint64_t job, const std::function<void()>& tell);
    std::uint64_t begin();
    void setComparing(bool comparing);
    void setBusy(bool busy);

    QString m_batchTitle;
    std::shared_ptr<const Project> m_project;
    Plan m_underWay; ///< plan of the run, while busy
    std::size_t m_sensitivitySamples = 4;
    std::uint64_t m_job = 0; // answers of older jobs are dropped
    bool m_busy = false;
    bool m_tensorsAwaited = false;
    std::uint64_t m_comparison = 0; // answers of older ones are dropped
    bool m_comparing = false;
    core::RunQueue m_queue; // last: joins before the rest is destroyed
};

} // namespace app
