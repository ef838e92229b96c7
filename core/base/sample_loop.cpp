#include "core/base/sample_loop.h"

#include "kernels/shape/thread_setup.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace core {

namespace {

/// Hands samples out in order, and none that lies `width` or more beyond the first that is not finished: what
/// waits for an earlier sample to be merged is bounded, however long that one takes.
class SampleWindow
{
public:
    SampleWindow(std::size_t count, std::size_t width)
        : m_count(count)
        , m_isFinished(width, false)
    {
    }

    std::optional<std::size_t> next(const std::stop_token& stop)
    {
        std::unique_lock lock(m_mutex);
        m_advanced.wait(lock, [&] { return m_isAbandoned || m_next < m_first + m_isFinished.size(); });
        if (m_isAbandoned || m_next >= m_count || stop.stop_requested()) {
            return std::nullopt;
        }
        return m_next++;
    }

    void finish(std::size_t sample)
    {
        const std::lock_guard lock(m_mutex);
        m_isFinished[sample % m_isFinished.size()] = true;
        while (m_first < m_next && m_isFinished[m_first % m_isFinished.size()]) {
            m_isFinished[m_first++ % m_isFinished.size()] = false;
        }
        m_advanced.notify_all();
    }

    void abandon()
    {
        const std::lock_guard lock(m_mutex);
        m_isAbandoned = true;
        m_advanced.notify_all();
    }

private:
    const std::size_t m_count;
    std::mutex m_mutex; // guards all below
    std::condition_variable m_advanced;
    std::vector<bool> m_isFinished; ///< of samples [m_first, m_first + width), by number modulo width
    std::size_t m_first = 0; ///< the first that is not finished
    std::size_t m_next = 0; ///< the first that is not handed out
    bool m_isAbandoned = false;
};

} // namespace

int threadCount(int option)
{
    return option > 0 ? option : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

bool forEachSample(std::size_t count, int threads, const std::stop_token& stop,
                   const std::function<void(std::size_t)>& work,
                   const std::function<void(std::size_t)>& onDone)
{
    std::mutex mutex; // guards done and error
    std::size_t done = 0;
    std::exception_ptr error;
    const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(threadCount(threads)),
                                                     std::max<std::size_t>(count, 1));
    SampleWindow window(count, 2 * wanted);
    const auto loop = [&] {
        kernels::prepareThread();
        while (const auto sample = window.next(stop)) {
            try {
                work(*sample);
                const std::lock_guard lock(mutex);
                ++done;
                if (onDone) {
                    onDone(done);
                }
                window.finish(*sample);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!error) {
                    error = std::current_exception();
                }
                window.abandon();
            }
        }
    };
    {
        std::vector<std::jthread> helpers;
        for (std::size_t i = 0; i < wanted; ++i) {
            helpers.emplace_back(loop);
        }
    }
    if (error) {
        std::rethrow_exception(error);
    }
    return done == count;
}

} // namespace core
