#pragma once

#include <ctime>

namespace support {

/// Processor time of this thread in milliseconds: what it spends itself, however busy the machine is.
[[nodiscard]] inline double threadMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

} // namespace support
