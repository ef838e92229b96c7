#include "app/gui/diagnosis_service.h"

#include "app/gui/run_controller.h"

#include <QPointer>

#include <chrono>
#include <exception>

namespace app {

DiagnosisService::DiagnosisService(RunController* controller, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
{
    connect(controller, &RunController::batchDropped, this, [this] {
        ++m_newest;
        setBusy(false);
    });
}

void DiagnosisService::start(std::shared_ptr<const core::QuantizationPlan> plan)
{
    if (!m_controller->project()) {
        return;
    }
    m_controller->cancelComparison(); // one long job at a time
    const std::uint64_t job = ++m_newest;
    const auto tell = [service = QPointer(this), controller = m_controller,
                       job](std::function<void(DiagnosisService&)> what) {
        QMetaObject::invokeMethod(
            controller,
            [service, job, what = std::move(what)] {
                if (service && job == service->m_newest) {
                    what(*service);
                }
            },
            Qt::QueuedConnection);
    };
    setBusy(true);
    m_controller->runBatch([tell, plan](const Project& project, const std::stop_token& stop) {
        using Clock = std::chrono::steady_clock;
        const auto onProgress = [tell, last = Clock::time_point{}](const core::Progress& progress) mutable {
            if (const auto now = Clock::now(); now - last >= std::chrono::milliseconds(33)) {
                last = now;
                tell([progress](DiagnosisService& service) { emit service.progressed(progress); });
            }
        };
        try {
            const auto diagnosis = core::diagnose(*project.session, plan, {}, stop, onProgress);
            if (diagnosis) { // else cancelled, or pushed aside: then it starts over
                tell([diagnosis](DiagnosisService& service) {
                    service.setBusy(false);
                    emit service.ready(diagnosis);
                });
            }
        } catch (const std::exception& error) { // the one catch of a job
            tell([message = QString::fromUtf8(error.what())](DiagnosisService& service) {
                service.setBusy(false);
                emit service.failed(message);
            });
        }
    });
}

void DiagnosisService::cancel() { m_controller->cancelBatch(); }

void DiagnosisService::setBusy(bool busy)
{
    if (busy != m_busy) {
        m_busy = busy;
        emit busyChanged(busy);
    }
}

} // namespace app
