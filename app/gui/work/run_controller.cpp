#include "app/gui/work/run_controller.h"

#include "app/common/saved_session.h"
#include "app/gui/work/saved_workspace.h"
#include "io/onnx/onnx_reader.h"

#include <chrono>
#include <exception>

namespace app {

namespace {

using Lane = core::RunQueue::Lane;

bool isReadable(const std::filesystem::path& model)
{
    try {
        (void)io::readOnnx(model);
        return true;
    } catch (const std::exception&) { // the one that matters was caught before
        return false;
    }
}

} // namespace

RunController::RunController(QObject* parent)
    : QObject(parent)
{
}

std::uint64_t RunController::begin()
{
    m_queue.cancel(Lane::Background);
    m_queue.cancel(Lane::Preview);
    cancelBatch(); // it was that of another plan
    setBusy(true);
    return ++m_job;
}

void RunController::open(const ProjectRequest& request, Plan plan)
{
    const std::uint64_t job = begin();
    m_underWay = plan;
    submitRun(nullptr, std::move(plan), job, &request);
}

void RunController::run(Plan plan)
{
    if (m_project && !(m_busy && plan == m_underWay)) {
        const std::uint64_t job = begin();
        m_underWay = plan;
        submitRun(m_project, std::move(plan), job, nullptr);
    }
}

void RunController::openSession(const std::filesystem::path& file)
{
    const std::uint64_t job = begin();
    m_underWay.reset();
    m_queue.submit(Lane::Run, [this, job, file](const std::stop_token&) {
        try {
            const auto session = reopenSession(file);
            finish(job, [this, session] {
                m_project = session->project;
                emit sessionOpened(session);
                setBusy(m_underWay != nullptr); // a plan without results is run at once
            });
        } catch (const std::exception& error) {
            const QString message = QString::fromUtf8(error.what());
            finish(job, [this, message] {
                setBusy(false);
                emit failed(message);
            });
        }
    });
}

core::ProgressCallback RunController::progressTo(std::uint64_t job)
{
    using Clock = std::chrono::steady_clock;
    // At most some thirty a second, and every change of stage.
    return [this, job, last = Clock::time_point{},
            stage = std::string()](const core::Progress& progress) mutable {
        const auto now = Clock::now();
        if (progress.stage == stage && now - last < std::chrono::milliseconds(33)) {
            return;
        }
        last = now;
        stage = progress.stage;
        QMetaObject::invokeMethod(
            this,
            [this, job, progress] {
                if (job == m_job && m_busy) {
                    emit progressed(progress);
                }
            },
            Qt::QueuedConnection);
    };
}

void RunController::finish(std::uint64_t job, const std::function<void()>& tell)
{
    QMetaObject::invokeMethod(
        this,
        [this, job, tell] {
            if (job == m_job) {
                tell();
            }
        },
        Qt::QueuedConnection);
}

void RunController::submitRun(std::shared_ptr<const Project> project, Plan plan, std::uint64_t job,
                              const ProjectRequest* request)
{
    const ProjectRequest toOpen = request ? *request : ProjectRequest{};
    m_queue.submit(Lane::Run, [=, this, project = std::move(project)](const std::stop_token& stop) mutable {
        try {
            if (!project) {
                project = std::make_shared<const Project>(openProject(toOpen));
                if (!plan) {
                    plan = std::make_shared<const core::QuantizationPlan>(defaultPlan(*project));
                }
                finish(job, [this, project, plan] {
                    m_project = project;
                    m_underWay = plan;
                    emit opened(plan);
                });
            }
            const auto report = project->session->run(plan, stop, progressTo(job));
            if (!report) {
                finish(job, [this] {
                    setBusy(false);
                    emit cancelled();
                });
                return;
            }
            const auto results = resultsOf(*project->session, report);
            finish(job, [this, results, job] {
                emit resultsReady(results);
                submitSensitivity(results, job);
            });
        } catch (const std::exception& error) { // the one catch of a job
            const QString message = QString::fromUtf8(error.what());
            const bool opens = !project;
            const bool readable = opens && isReadable(toOpen.model);
            finish(job, [this, message, opens, readable] {
                setBusy(false);
                opens ? emit openFailed(message, readable) : emit failed(message);
            });
        }
    });
}

void RunController::submitSensitivity(const std::shared_ptr<const core::Results>& results, std::uint64_t job)
{
    if (m_sensitivitySamples == 0 || job != m_job) {
        setBusy(false);
        return;
    }
    const auto project = m_project;
    const std::size_t samples = m_sensitivitySamples;
    m_queue.submit(Lane::Background, [=, this](const std::stop_token& stop) {
        try {
            const auto report =
                project->session->addSensitivity(results->report, samples, stop, progressTo(job));
            if (!report) {
                return; // pushed aside: it starts over, or nobody waits for it any more
            }
            auto more = std::make_shared<core::Results>(*results);
            more->report = report;
            finish(job, [this, more = std::shared_ptr<const core::Results>(more)] {
                setBusy(false);
                emit sensitivityReady(more);
            });
        } catch (const std::exception& error) {
            const QString message = QString::fromUtf8(error.what());
            finish(job, [this, message] {
                setBusy(false);
                emit failed(message);
            });
        }
    });
}

void RunController::requestTensors(Plan plan, core::OperatorId op, std::size_t sample)
{
    if (!m_project) {
        return;
    }
    const auto project = m_project;
    m_tensorsAwaited = true;
    m_queue.submit(Lane::Preview, [=, this](const std::stop_token& stop) {
        try {
            const auto tensors = tensorsOf(*project, plan, op, sample, stop);
            if (tensors) {
                const auto shared = std::make_shared<const core::SampleTensors>(*tensors);
                QMetaObject::invokeMethod(
                    this,
                    [this, op, sample, shared] {
                        m_tensorsAwaited = false;
                        emit tensorsReady(op, sample, shared);
                    },
                    Qt::QueuedConnection);
            }
        } catch (const std::exception& error) {
            const QString message = QString::fromUtf8(error.what());
            QMetaObject::invokeMethod(
                this, [this, message] { emit failed(message); }, Qt::QueuedConnection);
        }
    });
}

void RunController::compareMethods(const Plan& plan)
{
    if (!m_project) {
        return;
    }
    if (!m_batchTitle.isEmpty() && !m_comparing) {
        emit failed(batchRefusal());
        return;
    }
    cancelBatch();
    const std::uint64_t job = ++m_comparison;
    const auto tell = [this, job](const std::function<void()>& what) {
        QMetaObject::invokeMethod(
            this,
            [this, job, what] {
                if (job == m_comparison) {
                    what();
                }
            },
            Qt::QueuedConnection);
    };
    setComparing(true);
    m_queue.submit(Lane::Batch, [this, tell, plan, project = m_project](const std::stop_token& stop) {
        try {
            const auto methods = core::methodsToCompare(core::Variants::Leave);
            const auto onProgress = [&](const core::Progress& progress) {
                tell([this, progress] { emit comparisonProgressed(progress); });
            };
            const auto onOutcome = [&](const core::NetworkOutcome& outcome) {
                tell([this, outcome] { emit methodCompared(outcome); });
            };
            if (core::compareOnNetwork(*project->session, *plan, methods, stop, onProgress, onOutcome)) {
                tell([this] { setComparing(false); });
            } // else cancelled, or pushed aside by a preview: then it starts over and finds what it finished
        } catch (const std::exception& error) {
            const QString message = QString::fromUtf8(error.what());
            tell([this, message] {
                setComparing(false);
                emit failed(message);
            });
        }
    });
}

void RunController::cancelComparison()
{
    if (m_comparing) {
        cancelBatch();
    }
}

void RunController::runBatch(std::function<void(const Project&, const std::stop_token&)> job)
{
    if (m_project) {
        m_queue.submit(Lane::Batch, [project = m_project, job = std::move(job)](const std::stop_token& stop) {
            job(*project, stop);
        });
    }
}

QString RunController::batchRefusal() const
{
    return tr("%1 is still running: stop it first, or wait until it is done.").arg(m_batchTitle);
}

void RunController::cancelBatch()
{
    ++m_comparison;
    m_queue.cancel(Lane::Batch);
    setComparing(false);
    emit batchDropped();
}

void RunController::setComparing(bool comparing)
{
    if (comparing != m_comparing) {
        m_comparing = comparing;
        m_batchTitle = comparing ? tr("The comparison of methods") : QString();
        emit comparingChanged(comparing);
    }
}

void RunController::withProject(std::function<void(const Project&, const std::stop_token&)> job)
{
    if (m_project) {
        m_queue.submit(Lane::Preview,
                       [project = m_project, job = std::move(job)](const std::stop_token& stop) {
                           job(*project, stop);
                       });
    }
}

void RunController::cancel()
{
    ++m_job; // whatever is under way does not arrive; what it finished stays in the session's cache
    cancelBatch();
    m_queue.cancelAll();
    setBusy(false);
    emit cancelled();
}

void RunController::setBusy(bool busy)
{
    if (busy != m_busy) {
        m_busy = busy;
        emit busyChanged(busy);
    }
}

} // namespace app
