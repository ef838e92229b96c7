#include "app/gui/work/batch_service.h"

#include "app/gui/work/run_controller.h"

#include <QPointer>

#include <chrono>
#include <exception>
#include <utility>

namespace app {

BatchService::BatchService(RunController* controller, const QString& title, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
    , m_title(title)
{
    connect(controller, &RunController::batchDropped, this, [this] {
        ++m_newest;
        setBusy(false);
    });
}

void BatchService::startJob(Job job)
{
    if (!m_controller->project()) {
        return;
    }
    if (const QString& other = m_controller->batchTitle(); !other.isEmpty() && other != m_title) {
        emit failed(m_controller->batchRefusal());
        return;
    }
    m_controller->cancelBatch(); // one long job at a time
    const std::uint64_t number = ++m_newest;
    const Tell tell = [service = QPointer(this), controller = m_controller,
                       number](std::function<void()> what) {
        QMetaObject::invokeMethod(
            controller,
            [service, number, what = std::move(what)] {
                if (service && number == service->m_newest) {
                    what();
                }
            },
            Qt::QueuedConnection);
    };
    setBusy(true);
    m_controller->runBatch([this, tell, job = std::move(job)](const Project& project,
                                                              const std::stop_token& stop) {
        using Clock = std::chrono::steady_clock;
        const auto onProgress = [this, tell, last = Clock::time_point{}](const core::Progress& now) mutable {
            if (const auto time = Clock::now(); time - last >= std::chrono::milliseconds(33)) {
                last = time;
                tell([this, now] { emit progressed(now); });
            }
        };
        try {
            if (job(project, stop, onProgress, tell)) { // else cancelled, or pushed aside
                tell([this] { setBusy(false); });
            }
        } catch (const std::exception& error) { // the one catch of a job
            tell([this, message = QString::fromUtf8(error.what())] {
                setBusy(false);
                emit failed(message);
            });
        }
    });
}

void BatchService::cancel() { m_controller->cancelBatch(); }

void BatchService::setBusy(bool busy)
{
    if (busy != m_busy) {
        m_busy = busy;
        m_controller->setBatchTitle(busy ? m_title : QString());
        emit busyChanged(busy);
    }
}

} // namespace app
