#include "tests/fuzz/forked.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace fuzz {

namespace {

[[noreturn]] void workAsChild(const std::function<std::string()>& work, int file)
{
    std::string answer;
    int code = 0;
    try {
        answer = work();
    } catch (const std::exception& error) {
        answer = error.what();
        code = 3;
    }
    for (std::size_t done = 0; done < answer.size();) {
        const ssize_t count = ::write(file, answer.data() + done, answer.size() - done);
        if (count <= 0) {
            code = 4;
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    ::_exit(code);
}

/// False when the time is over.
bool readUntilEnd(int file, std::string& answer, int seconds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now())
                .count();
        pollfd waiting{file, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) {
            return false;
        }
        char buffer[4096];
        const ssize_t count = ::read(file, buffer, sizeof buffer);
        if (count <= 0) {
            return true;
        }
        answer.append(buffer, static_cast<std::size_t>(count));
    }
}

} // namespace

ForkedResult runForked(const std::function<std::string()>& work, int seconds)
{
    int files[2];
    if (::pipe2(files, O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe for a child");
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(files[0]);
        workAsChild(work, files[1]);
    }
    ::close(files[1]);
    ForkedResult result;
    if (!readUntilEnd(files[0], result.answer, seconds)) {
        result.death = fmt::format("no answer within {} s", seconds);
        ::kill(child, SIGKILL);
    }
    ::close(files[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (result.death.empty() && WIFSIGNALED(status)) {
        result.death = fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    } else if (result.death.empty() && WEXITSTATUS(status) != 0) {
        result.death = fmt::format("exit code {}: {}", WEXITSTATUS(status), result.answer.substr(0, 300));
    }
    return result;
}

} // namespace fuzz
