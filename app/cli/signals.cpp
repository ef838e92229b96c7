#include "app/cli/signals.h"

#include "app/cli/command.h"
#include "core/base/error.h"
#include "io/files/temporaries.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

/// How long a command that was asked to stop may take before it is ended. A single search of a threshold
/// takes seconds and asks nobody; files are put in place whole either way.
constexpr int kMostMilliseconds = 900;

/// Never destroyed: a signal may come while the process ends.
struct Watch
{
    std::stop_source source;
    std::atomic<bool> isAwaited = false; ///< somebody looks at the source
    std::array<int, 2> pipe{-1, -1};
};

Watch& watch()
{
    static auto* const all = new Watch;
    return *all;
}

int g_pipe = -1; // written once before the handlers are there; all that they touch

/// A byte through a pipe is all that is safe here; the rest is done by a thread of its own.
void onSignal(int)
{
    const int kept = errno;
    const char byte = 0;
    static_cast<void>(::write(g_pipe, &byte, 1) == 1); // a full pipe has told it already
    errno = kept;
}

/// False when nothing came within that time; negative: for ever.
bool nextSignal(int milliseconds)
{
    pollfd ready{watch().pipe[0], POLLIN, 0};
    int found = ::poll(&ready, 1, milliseconds);
    while (found < 0 && errno == EINTR) {
        found = ::poll(&ready, 1, milliseconds);
    }
    char byte = 0;
    return found > 0 && ::read(watch().pipe[0], &byte, 1) == 1;
}

[[noreturn]] void endProcess()
{
    constexpr std::string_view kText = "noisefloor-cli: cancelled\n";
    io::removeTemporaries();
    static_cast<void>(::write(STDERR_FILENO, kText.data(), kText.size()) > 0);
    ::_exit(Cancelled);
}

void follow()
{
    nextSignal(-1);
    if (!watch().isAwaited) {
        endProcess();
    }
    watch().source.request_stop();
    nextSignal(kMostMilliseconds); // a second one, or too long
    endProcess();
}

} // namespace

std::stop_token interruption()
{
    watch().isAwaited = true;
    return watch().source.get_token();
}

int cancelled()
{
    fmt::print(stderr, "noisefloor-cli: cancelled\n");
    return Cancelled;
}

void watchSignals()
{
    if (::pipe2(watch().pipe.data(), O_CLOEXEC) != 0) {
        throw core::Error(core::ErrorKind::Io, std::string("cannot watch signals: ") + std::strerror(errno));
    }
    ::fcntl(watch().pipe[1], F_SETFL, O_NONBLOCK);
    g_pipe = watch().pipe[1];
    std::thread(follow).detach();
    for (const int signal : kSignals) {
        struct sigaction action
        {
        };
        // Who started us may have asked for a signal to be ignored (nohup).
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
            continue;
        }
        action = {};
        action.sa_handler = onSignal;
        action.sa_flags = SA_RESTART;
        ::sigaction(signal, &action, nullptr);
    }
}

} // namespace cli
