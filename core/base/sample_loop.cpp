#include "core/base/sample_loop.h"

#include "kernels/shape/thread_setup.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace core {

int threadCount(int option)
{
    return option > 0 ? option : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

bool forEachSample(std::size_t count, int threads, const std::stop_token& stop,
                   const std::function<void(std::size_t)>& work,
                   const std::function<void(std::size_t)>& onDone)
{
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::mutex mutex; // guards done and error
    std::size_t done = 0;
    std::exception_ptr error;
    const auto loop = [&] {
        kernels::prepareThread();
        for (std::size_t sample = next++; sample < count && !stop.stop_requested() && !failed;
             sample = next++) {
            try {
                work(sample);
                const std::lock_guard lock(mutex);
                ++done;
                if (onDone) {
                    onDone(done);
                }
            } catch (...) {
                failed = true;
                const std::lock_guard lock(mutex);
                if (!error) {
                    error = std::current_exception();
                }
            }
        }
    };
    {
        std::vector<std::jthread> helpers;
        const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(threadCount(threads)),
                                                         std::max<std::size_t>(count, 1));
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
