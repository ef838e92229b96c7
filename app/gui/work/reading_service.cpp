#include "app/gui/work/reading_service.h"

#include <utility>

namespace app {

using Lane = views::Jobs::Lane;

ReadingService::ReadingService(RunController* controller, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
{
    // Other work of the lane puts this aside.
    connect(m_controller, &RunController::tensorsReady, this, &ReadingService::start, Qt::QueuedConnection);
    connect(m_controller, &RunController::busyChanged, this, &ReadingService::start, Qt::QueuedConnection);
}

void ReadingService::want(std::shared_ptr<const core::QuantizationPlan> plan, std::size_t item)
{
    m_wanted.emplace(std::move(plan), item);
    start();
}

void ReadingService::start()
{
    views::Jobs* const jobs = m_controller->jobs();
    if (!m_wanted || !m_controller->project() || m_controller->awaitsTensors()) {
        return;
    }
    using Reading = std::shared_ptr<const core::SampleReading>;
    const auto wanted = *m_wanted;
    const auto work = [project = m_controller->project(), wanted](const views::Jobs::Call& call) -> Reading {
        const auto network = project->session->prepare(*wanted.first, call.stop, {});
        auto reading = network
            ? core::readingOf(*network, *project->session->data().evaluation, wanted.second, call.stop)
            : std::nullopt;
        return reading ? std::make_shared<const core::SampleReading>(*std::move(reading)) : nullptr;
    };
    const auto done = [this, wanted](const Reading& reading) {
        if (m_wanted == wanted) {
            m_wanted.reset();
            emit ready(reading);
        }
    };
    jobs->run(Lane::Preview, this, work, done, {.failed = [this](const QString& problem) {
                  m_wanted.reset();
                  emit failed(problem);
              }});
}

} // namespace app
