#include "app/gui/work/batch_service.h"

#include "app/gui/work/run_controller.h"

#include <utility>

namespace app {

namespace {

constexpr auto kBatch = views::Jobs::Lane::Batch;

} // namespace

BatchService::BatchService(RunController* controller, const QString& title, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
    , m_title(title)
{
}

void BatchService::startJob(Job job)
{
    const auto project = m_controller->project();
    views::Jobs* const jobs = m_controller->jobs();
    if (!project) {
        return;
    }
    const auto* const other = qobject_cast<const BatchService*>(jobs->askerOf(kBatch));
    if (other && other != this) {
        emit failed(tr("%1 is still running: stop it first, or wait until it is done.").arg(other->m_title));
        return;
    }
    jobs->cancel(kBatch); // one long job at a time
    setBusy(true);
    jobs->run(
        kBatch, this,
        [project, job = std::move(job)](const views::Jobs::Call& call) { return job(*project, call); },
        [this](bool) { setBusy(false); },
        {.failed =
             [this](const QString& message) {
                 setBusy(false);
                 emit failed(message);
             },
         .progressed = [this](const core::Progress& progress) { emit progressed(progress); },
         .dropped = [this] { setBusy(false); }});
}

void BatchService::cancel()
{
    if (m_busy) {
        m_controller->jobs()->cancel(kBatch);
    }
}

void BatchService::setBusy(bool busy)
{
    if (busy != m_busy) {
        m_busy = busy;
        emit busyChanged(busy);
    }
}

} // namespace app
