#include "io/files/external_command.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace io {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCannotStart = 127;

} // namespace

/// In a process group of its own, which is killed with this object if it still runs.
class ExternalProgram
{
public:
    ExternalProgram(const std::vector<std::string>& command, const std::filesystem::path& folder)
        : m_name(fmt::format("'{}'", fmt::join(command, " ")))
    {
        // Sockets rather than pipes: writing to a program that has gone gives EPIPE instead of a signal.
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        std::array<int, 2> err{};
        for (auto* pair : {&in, &out, &err}) {
            if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair->data()) != 0) {
                fail(std::strerror(errno));
            }
        }
        std::vector<std::string> words = command;
        std::vector<char*> arguments(words.size() + 1, nullptr);
        std::ranges::transform(words, arguments.begin(), [](std::string& word) { return word.data(); });
        m_process = fork();
        if (m_process == 0) {
            setpgid(0, 0);
            dup2(in[1], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            dup2(err[1], STDERR_FILENO);
            if (chdir(folder.c_str()) == 0) {
                execvp(arguments[0], arguments.data());
            }
            _exit(kCannotStart);
        }
        for (const int fd : {in[1], out[1], err[1]}) {
            ::close(fd);
        }
        m_input = in[0];
        m_output = out[0];
        m_errors = err[0];
        if (m_process < 0) {
            fail(std::strerror(errno));
        }
        for (const int fd : {m_input, m_output, m_errors}) {
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        }
    }

    ~ExternalProgram()
    {
        for (const int fd : {m_input, m_output, m_errors}) {
            if (fd >= 0) {
                ::close(fd);
            }
        }
        if (m_process > 0) {
            kill(-m_process, SIGKILL);
            waitpid(m_process, nullptr, 0);
        }
    }
    ExternalProgram(const ExternalProgram&) = delete;
    ExternalProgram& operator=(const ExternalProgram&) = delete;

    [[noreturn]] void fail(const std::string& what) const
    {
        throw core::Error(core::ErrorKind::Io, fmt::format("{}: {}", m_name, what));
    }

    /// All it writes until it ends.
    std::string talk(std::string_view input, const CommandLimits& limits)
    {
        const auto deadline = Clock::now() + limits.time;
        while (m_output >= 0) {
            exchange(input, deadline, limits);
            if (input.empty() && m_input >= 0) {
                shut(m_input);
            }
        }
        finish(deadline, limits);
        return std::move(m_written);
    }

    /// The next line that it writes, without its end.
    std::string ask(std::string_view line, const CommandLimits& limits)
    {
        const auto deadline = Clock::now() + limits.time;
        while (m_written.find('\n') == std::string::npos) {
            exchange(line, deadline, limits);
            if (m_output < 0) {
                finish(deadline, limits);
                fail("ends without an answer");
            }
        }
        const std::size_t end = m_written.find('\n');
        std::string answer = m_written.substr(0, end);
        m_written.erase(0, end + 1);
        return answer;
    }

private:
    static constexpr std::size_t kMostQuoted = 200;

    static void shut(int& fd)
    {
        ::close(fd);
        fd = -1;
    }

    /// What can be written and read now; waits until something can.
    void exchange(std::string_view& input, Clock::time_point deadline, const CommandLimits& limits)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) {
            fail(fmt::format("gave no answer within {} ms", limits.time.count()));
        }
        std::array<pollfd, 3> ready{
            {{input.empty() ? -1 : m_input, POLLOUT, 0}, {m_output, POLLIN, 0}, {m_errors, POLLIN, 0}}};
        if (poll(ready.data(), ready.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
            fail(std::strerror(errno));
        }
        if (ready[0].revents != 0) {
            write(input);
        }
        if (ready[1].revents != 0) {
            read(m_output, m_written);
        }
        if (ready[2].revents != 0) {
            read(m_errors, m_said);
            m_said.erase(0, m_said.size() > kMostQuoted ? m_said.size() - kMostQuoted : 0);
        }
        if (m_written.size() > limits.outputBytes) {
            fail(fmt::format("writes more than {} bytes", limits.outputBytes));
        }
    }

    void write(std::string_view& input)
    {
        const ssize_t sent = send(m_input, input.data(), input.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            input.remove_prefix(static_cast<std::size_t>(sent));
        }
        // A program may answer without reading all of it.
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            shut(m_input);
        }
    }

    static void read(int& fd, std::string& text)
    {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            shut(fd);
        }
    }

    void finish(Clock::time_point deadline, const CommandLimits& limits)
    {
        int status = 0;
        while (waitpid(m_process, &status, WNOHANG) == 0) {
            if (Clock::now() > deadline) {
                fail(fmt::format("does not end within {} ms", limits.time.count()));
            }
            poll(nullptr, 0, 1); // standard output is closed: it is about to end
        }
        kill(-m_process, SIGKILL); // whatever it left behind
        m_process = -1;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            return;
        }
        while (m_errors >= 0 && !m_said.ends_with('\n') && m_said.size() < kMostQuoted) {
            const std::size_t before = m_said.size();
            read(m_errors, m_said);
            if (m_said.size() == before) {
                break;
            }
        }
        const std::string said = m_said.substr(0, m_said.find_last_not_of(" \r\n") + 1);
        const std::string last = said.substr(said.find_last_of('\n') + 1);
        const bool cannotStart = WIFEXITED(status) && WEXITSTATUS(status) == kCannotStart && last.empty();
        fail(fmt::format("{}{}{}",
                         cannotStart             ? "cannot be started"
                             : WIFEXITED(status) ? fmt::format("ends with code {}", WEXITSTATUS(status))
                                                 : fmt::format("is ended by signal {}", WTERMSIG(status)),
                         last.empty() ? "" : ": ", last));
    }

    std::string m_name;
    pid_t m_process = -1;
    int m_input = -1;
    int m_output = -1;
    int m_errors = -1;
    std::string m_written; // to standard output, and not yet taken
    std::string m_said; // the end of what it wrote to standard error
};

namespace {

void requireCommand(const std::vector<std::string>& command)
{
    if (command.empty() || command[0].empty()) {
        throw core::Error(core::ErrorKind::Io, "an empty command cannot be run");
    }
}

} // namespace

std::string runExternalCommand(const std::vector<std::string>& command, const std::filesystem::path& folder,
                               std::string_view input, const CommandLimits& limits)
{
    requireCommand(command);
    return ExternalProgram(command, folder).talk(input, limits);
}

CommandConversation::CommandConversation(std::vector<std::string> command, std::filesystem::path folder,
                                         const CommandLimits& limits)
    : m_command(std::move(command))
    , m_folder(std::move(folder))
    , m_limits(limits)
{
}

CommandConversation::~CommandConversation() = default;

std::string CommandConversation::ask(const std::string& line)
{
    requireCommand(m_command);
    try {
        if (!m_program) {
            m_program = std::make_unique<ExternalProgram>(m_command, m_folder);
        }
        return m_program->ask(line + '\n', m_limits);
    } catch (...) {
        m_program.reset();
        throw;
    }
}

} // namespace io
