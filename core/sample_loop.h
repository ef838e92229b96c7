#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <utility>

namespace core {

/// Calls work(sample) for every sample in [0, count) on `threads` host threads, each prepared for kernels, and
/// onDone(finished) after each, one call at a time. False when stopped early. The first exception is thrown again here.
bool forEachSample(std::size_t count, int threads, const std::stop_token& stop, const std::function<void(std::size_t)>& work,
                   const std::function<void(std::size_t)>& onDone);

/// Number of threads for an option where 0 means one per core.
[[nodiscard]] int threadCount(int option);

/// Hands partial results on in sample order, whatever order they arrive in, so that sums of doubles come out the same
/// for any number of threads. Holds at most what is out of order.
template <typename Partial>
class OrderedMerge
{
public:
    explicit OrderedMerge(std::function<void(std::size_t, Partial&&)> merge)
        : m_merge(std::move(merge))
    {
    }

    void add(std::size_t sample, Partial&& partial)
    {
        const std::lock_guard lock(m_mutex);
        m_pending.emplace(sample, std::move(partial));
        for (auto it = m_pending.find(m_next); it != m_pending.end(); it = m_pending.find(m_next)) {
            m_merge(m_next, std::move(it->second));
            m_pending.erase(it);
            ++m_next;
        }
    }

private:
    std::function<void(std::size_t, Partial&&)> m_merge;
    std::mutex m_mutex; // guards all below, and serializes m_merge
    std::map<std::size_t, Partial> m_pending;
    std::size_t m_next = 0;
};

} // namespace core
