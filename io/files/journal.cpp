#include "io/files/journal.h"

#include "core/base/error.h"
#include "io/files/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

[[noreturn]] void failed(const std::filesystem::path& path)
{
    throw Error(ErrorKind::Io, fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
}

void requireFile(int descriptor, const std::filesystem::path& path)
{
    struct stat status
    {
    };
    if (::fstat(descriptor, &status) != 0) {
        failed(path);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{} is no regular file: a journal must be one", path.string()));
    }
}

[[noreturn]] void refuse(std::string_view firstLine, const std::filesystem::path& path)
{
    if (!firstLine.starts_with("{\"format\":\"noisefloor-journal/")) {
        throw Error(ErrorKind::Usage, fmt::format("{} is not a journal: name another file", path.string()));
    }
    throw Error(ErrorKind::Usage,
                fmt::format("{} belongs to other work (other model, data, plan, goal or samples): "
                            "name another file or remove it",
                            path.string()));
}

} // namespace

Journal::Journal(std::filesystem::path path, const std::string& header)
    : m_path(std::move(path))
    , m_descriptor(::open(m_path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0666))
{
    if (m_descriptor < 0) {
        failed(m_path);
    }
    try {
        requireFile(m_descriptor, m_path);
        if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
            throw Error(
                ErrorKind::Usage,
                fmt::format("{} is being written by another process: wait for it or name another file",
                            m_path.string()));
        }
        const std::string content = readFile(m_path);
        std::size_t start = 0;
        for (std::size_t end = content.find('\n'); end != std::string::npos;
             end = content.find('\n', start)) {
            m_lines.push_back(content.substr(start, end - start));
            start = end + 1;
        }
        // Before anything is cut off: the file may be another one, named by mistake.
        if (m_lines.empty() ? !header.starts_with(content) : m_lines.front() != header) {
            refuse(m_lines.empty() ? std::string_view(content) : m_lines.front(), m_path);
        }
        if (start < content.size()
            && ::ftruncate(m_descriptor, static_cast<off_t>(start)) != 0) { // cut off while written
            failed(m_path);
        }
        if (m_lines.empty()) {
            append(header);
        } else {
            m_lines.erase(m_lines.begin());
        }
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
}

Journal::~Journal() { ::close(m_descriptor); }

void Journal::append(std::string_view line)
{
    const std::string whole = std::string(line) + '\n';
    std::string_view left = whole;
    while (!left.empty()) {
        const ssize_t written = ::write(m_descriptor, left.data(), left.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            failed(m_path);
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(m_descriptor) != 0 && errno != EINVAL) { // pipes and the like cannot be synced
        failed(m_path);
    }
}

} // namespace io
