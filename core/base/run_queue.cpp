#include "core/base/run_queue.h"

#include <algorithm>
#include <utility>

namespace core {

RunQueue::RunQueue()
    : m_worker([this](const std::stop_token& end) { work(end); })
{
}

RunQueue::~RunQueue()
{
    cancelAll();
    m_worker.request_stop();
}

void RunQueue::submit(Lane lane, Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        dropLocked(lane);
        m_waiting[static_cast<std::size_t>(lane)] = std::move(job);
        if (m_running && *m_running > lane) {
            m_startOver = !m_stop.stop_requested() || m_startOver;
            m_stop.request_stop();
        }
    }
    m_wake.notify_one();
}

void RunQueue::cancel(Lane lane)
{
    const std::lock_guard lock(m_mutex);
    dropLocked(lane);
}

void RunQueue::cancelAll()
{
    const std::lock_guard lock(m_mutex);
    for (const Lane lane : {Lane::Run, Lane::Preview, Lane::Background, Lane::Batch}) {
        dropLocked(lane);
    }
}

bool RunQueue::isIdle() const
{
    const std::lock_guard lock(m_mutex);
    return !m_running
        && std::ranges::none_of(m_waiting, [](const Job& job) { return static_cast<bool>(job); });
}

void RunQueue::dropLocked(Lane lane)
{
    m_waiting[static_cast<std::size_t>(lane)] = nullptr;
    if (m_running == lane) {
        m_startOver = false;
        m_stop.request_stop();
    }
}

void RunQueue::work(const std::stop_token& end)
{
    const auto next = [this] {
        return std::ranges::find_if(m_waiting, [](const Job& job) { return bool(job); });
    };
    std::unique_lock lock(m_mutex);
    while (m_wake.wait(lock, end, [&] { return next() != m_waiting.end(); })) {
        const auto slot = next();
        const Job job = std::exchange(*slot, nullptr);
        m_running = static_cast<Lane>(slot - m_waiting.begin());
        m_stop = std::stop_source{};
        m_startOver = false;
        const std::stop_token stop = m_stop.get_token();
        lock.unlock();
        job(stop);
        lock.lock();
        if (m_startOver && !*slot) {
            *slot = job;
        }
        m_running.reset();
    }
}

} // namespace core
