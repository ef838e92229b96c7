#include "views/base/jobs.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace views {

template <typename Which>
void Jobs::drop(Which which)
{
    std::vector<std::function<void()>> tell;
    std::erase_if(m_open, [&](const auto& entry) {
        const Open& open = entry.second;
        const bool goes = which(open);
        if (goes && open.asker && open.events.dropped) {
            tell.push_back(open.events.dropped);
        }
        return goes;
    });
    for (const auto& dropped : tell) { // may ask for more
        dropped();
    }
}

void Jobs::submit(Lane lane, QObject* asker, Work work, Events events)
{
    drop([&](const Open& open) { return open.lane == lane && (open.asker == asker || !*open.isThrough); });
    const std::uint64_t number = ++m_newest;
    const auto isThrough = std::make_shared<std::atomic<bool>>(false);
    m_open.emplace(number, Open{lane, asker, isThrough, std::move(events)});
    m_queue.submit(lane, [this, number, isThrough, work = std::move(work)](const std::stop_token& stop) {
        carryOut(number, *isThrough, work, stop);
    });
}

void Jobs::carryOut(std::uint64_t number, std::atomic<bool>& isThrough, const Work& work,
                    const std::stop_token& stop)
{
    if (isThrough) {
        return; // it was pushed aside in its last moment
    }
    const Call call{stop, progressOf(number), [this, number](std::function<void()> what) {
                        post(number, [what = std::move(what)](const Open&) { what(); });
                    }};
    std::function<void()> answer;
    std::optional<QString> problem;
    try {
        answer = work(call);
    } catch (const std::exception& error) { // the one catch of a job
        problem = QString::fromUtf8(error.what());
    }
    if (!answer && !problem && stop.stop_requested()) {
        return; // pushed aside: it starts over; or nobody waits for it any more
    }
    isThrough = true;
    QMetaObject::invokeMethod(
        this,
        [this, number, answer, problem] {
            const auto found = m_open.find(number);
            if (found == m_open.end()) {
                return;
            }
            const Open open = std::move(found->second);
            m_open.erase(found);
            if (open.asker && problem && open.events.failed) {
                open.events.failed(*problem);
            } else if (open.asker && answer) {
                answer();
            }
        },
        Qt::QueuedConnection);
}

void Jobs::post(std::uint64_t number, std::function<void(const Open&)> what)
{
    QMetaObject::invokeMethod(
        this,
        [this, number, what = std::move(what)] {
            const auto found = m_open.find(number);
            if (found != m_open.end() && found->second.asker) {
                what(Open(found->second)); // what is told may end it
            }
        },
        Qt::QueuedConnection);
}

core::ProgressCallback Jobs::progressOf(std::uint64_t number)
{
    using Clock = std::chrono::steady_clock;
    return [this, number, last = Clock::time_point{},
            stage = std::string()](const core::Progress& progress) mutable {
        const auto now = Clock::now();
        if (progress.stage == stage && now - last < std::chrono::milliseconds(33)) {
            return;
        }
        last = now;
        stage = progress.stage;
        post(number, [progress](const Open& open) {
            if (open.events.progressed) {
                open.events.progressed(progress);
            }
        });
    };
}

void Jobs::cancel(Lane lane)
{
    m_queue.cancel(lane);
    drop([lane](const Open& open) { return open.lane == lane; });
}

void Jobs::cancelAll()
{
    m_queue.cancelAll();
    drop([](const Open&) { return true; });
}

bool Jobs::isPending(const QObject* asker, Lane lane) const
{
    return std::ranges::any_of(
        m_open, [&](const auto& entry) { return entry.second.lane == lane && entry.second.asker == asker; });
}

const QObject* Jobs::askerOf(Lane lane) const
{
    const auto found = std::find_if(m_open.rbegin(), m_open.rend(),
                                    [lane](const auto& entry) { return entry.second.lane == lane; });
    return found == m_open.rend() ? nullptr : found->second.asker.data();
}

} // namespace views
