#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <utility>

namespace core {

/// Calls work(sample) for every sample in [0, count) on `threads` host threads, each prepared for kernels,
/// and onDone(finished) after each, one call at a time. False when stopped early. The first exception is
/// thrown again here.
bool forEachSample(std::size_t count, int threads, const std::stop_token& stop,
                   const std::function<void(std::size_t)>& work,
                   const std::function<void(std::size_t)>& onDone);

/// Number of threads for an option where 0 means one per core.
[[nodiscard]] int threadCount(int option);

/// Hands partial results on in sample order, whatever order they arrive in, so that sums of doubles come out
/// the same for any number of threads. Holds at most what is out of order; with a limit, add() waits while
/// that many samples or more lie between its own and the next one in order.
template <typename Partial>
class OrderedMerge
{
public:
    explicit OrderedMerge(std::function<void(std::size_t, Partial&&)> merge, std::size_t limit = 0)
        : m_merge(std::move(merge))
        , m_limit(limit)
    {
    }

    void add(std::size_t sample, Partial&& partial)
    {
        std::unique_lock lock(m_mutex);
        if (m_limit > 0) {
            m_advanced.wait(lock, [&] { return m_isAbandoned || sample < m_next + m_limit; });
        }
        if (m_isAbandoned) {
            return;
        }
        m_pending.emplace(sample, std::move(partial));
        for (auto it = m_pending.find(m_next); it != m_pending.end(); it = m_pending.find(m_next)) {
            m_merge(m_next, std::move(it->second));
            m_pending.erase(it);
            ++m_next;
        }
        m_advanced.notify_all();
    }

    /// A sample will not come: nobody waits any more, and nothing further is merged.
    void abandon()
    {
        const std::lock_guard lock(m_mutex);
        m_isAbandoned = true;
        m_advanced.notify_all();
    }

private:
    std::function<void(std::size_t, Partial&&)> m_merge;
    const std::size_t m_limit; ///< 0: none
    std::mutex m_mutex; // guards all below, and serializes m_merge
    std::condition_variable m_advanced;
    std::map<std::size_t, Partial> m_pending;
    std::size_t m_next = 0;
    bool m_isAbandoned = false;
};

} // namespace core
