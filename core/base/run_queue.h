#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace core {

/// One worker thread; of each lane the newest job wins.
///
/// Lanes are priorities. submit() stops the lane's running job and drops its waiting one. A job of a lower
/// lane that is running when a higher lane gets a job is stopped and starts over afterwards, unless its lane
/// was cancelled or got a newer job. Jobs must not throw and should return soon after their token says stop.
class RunQueue
{
public:
    enum class Lane : std::uint8_t
    {
        Run,
        Preview,
        Background,
        Batch ///< long work that the user started and can wait for
    };
    using Job = std::function<void(const std::stop_token&)>;

    RunQueue();
    ~RunQueue(); ///< drops what waits, stops what runs, joins
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;

    void submit(Lane lane, Job job);
    void cancel(Lane lane);
    void cancelAll();
    [[nodiscard]] bool isIdle() const;

private:
    static constexpr std::size_t kLanes = 4;
    void work(const std::stop_token& end);
    void dropLocked(Lane lane);

    mutable std::mutex m_mutex; // guards everything below but the thread
    std::condition_variable_any m_wake;
    std::array<Job, kLanes> m_waiting;
    std::optional<Lane> m_running;
    std::stop_source m_stop; // of the running job
    bool m_startOver = false; // the running job was pushed aside, not cancelled
    std::jthread m_worker; // last: joins before the rest is destroyed
};

} // namespace core
