#pragma once

#include <chrono>
#include <ctime>
#include <utility>

namespace bench {

/// What a piece of work took: on the wall, and of processors (all threads of its process). On a busy machine
/// the second says what the work costs and the first when it was over.
struct Duration
{
    double wallMs = 0.0;
    double cpuMs = 0.0;
};

[[nodiscard]] inline double processMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

template <typename Work>
[[nodiscard]] Duration timed(Work&& work)
{
    const double cpu = processMilliseconds();
    const auto start = std::chrono::steady_clock::now();
    std::forward<Work>(work)();
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
    return {wall.count(), processMilliseconds() - cpu};
}

} // namespace bench
